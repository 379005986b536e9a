import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadPacks } from '../config/compile-runtime.ts';
import { loadConfig } from '../config/load-config.ts';
import { compilePlan } from '../plan/compile-plan.ts';
import { type ExportOptions, exportPlan } from '../plan/export/export-plan.ts';
import { parseDuration } from '../promql/duration.ts';
import { CommandError } from './command-error.ts';
import { soleScope } from './sole-scope.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly config: string;
  readonly out: string;
  readonly source?: string;
  readonly scrapeInterval?: string;
}

/** Adds `tributary export`: everything as plain files for a Prometheus that does without us. */
export function addExport(program: Command, { write, environment }: Terminal): void {
  program
    .command('export')
    .description('write all rules and relabel configs as plain files for Prometheus')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .option('--out <folder>', 'where the files go; those of an earlier export are replaced', 'tributary-export')
    .option('--source <name>', 'whose scope and identity are written; needed where sources differ in them')
    .option('--scrape-interval <duration>', 'how often your Prometheus scrapes: mapping rules are evaluated as often')
    .action(({ config: file, out, source, scrapeInterval }: Options) => {
      const config = loadConfig(file, { environment });
      const plan = compilePlan({ packs: loadPacks(config) });
      const files = exportPlan(plan, soleScope(config, source), intervalOf(scrapeInterval));
      writeFiles(out, files);
      write(files.map(({ name }) => `${join(out, name)}\n`).join(''));
    });
}

/** @throws CommandError when it is no duration above 0 */
function intervalOf(text: string | undefined): ExportOptions {
  if (text === undefined) return {};
  const scrapeInterval = parseDuration(text) ?? 0;
  if (scrapeInterval > 0) return { scrapeInterval };
  throw new CommandError(`cannot read --scrape-interval ${text}: it looks like 15s or 1m`);
}

/** @throws CommandError when the folder cannot be written */
function writeFiles(folder: string, files: ReturnType<typeof exportPlan>): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of files) writeFileSync(join(folder, name), text);
  } catch (error) {
    throw new CommandError(`cannot write to ${folder}: ${(error as Error).message}; name another folder with --out`);
  }
}
