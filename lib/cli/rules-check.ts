import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadPacks } from '../config/compile-runtime.ts';
import { loadConfig } from '../config/load-config.ts';
import { compilePlan } from '../plan/compile-plan.ts';
import { lintRules } from '../plan/lint/lint-rules.ts';
import { formatMistake, type Mistake, MistakesError } from '../rules/mistake.ts';
import { collect, loadPack, type Pack, parsePackFile } from '../rules/pack.ts';
import { CommandError } from './command-error.ts';
import type { Terminal } from './terminal.ts';

interface CheckForm {
  readonly config: string;
  readonly strict?: boolean;
}

/** Adds `tributary rules check`: what is wrong with rules, and what will most likely not do what was meant. */
export function addRulesCheck(rules: Command, { write, complain, environment }: Terminal): void {
  rules
    .command('check [files...]')
    .description('what is wrong with rules, and what will most likely not do what was meant; default: all in use')
    .option('-c, --config <file>', 'the configuration, whose packs the rules are checked beside', 'tributary.yml')
    .option('--strict', 'warnings fail as well')
    .action((files: readonly string[], { config, strict }: CheckForm, command: Command) => {
      const all = loadPacks(loadConfig(config, { environment }));
      const { packs, own } = withFiles(all, files);
      const plan = compilePlan({ packs });
      const warnings = lintRules(packs, plan).filter(({ file }) => files.length === 0 || own.has(file));
      for (const warning of warnings) complain(`warning: ${formatMistake(warning)}\n`);
      const count = `${plan.mappings.length} mapping and ${plan.derived.flatMap((group) => group.rules).length} derived rules`;
      if (warnings.length > 0 && strict) command.error(`${warnings.length} warnings`, { exitCode: 1 });
      write(`no mistakes in ${count}; ${warnings.length} warnings\n`);
    });
}

/** The packs in use, and as one more the files that none of them has; `own` are the files asked about, as they are called. */
export function withFiles(
  packs: readonly Pack[],
  files: readonly string[],
): { readonly packs: readonly Pack[]; readonly own: ReadonlySet<string> } {
  const known = new Map(packs.flatMap(filesOf).map((file) => [resolve(file), file]));
  const mistakes: Mistake[] = [];
  const own = new Set<string>();
  const added: Pack[] = [];
  for (const file of files) {
    if (!existsSync(file)) throw new CommandError(`cannot read ${file}: there is no such file`);
    const inUse = [...known].filter(([path]) => path === resolve(file) || path.startsWith(`${resolve(file)}/`));
    for (const [, name] of inUse) own.add(name);
    if (inUse.length > 0) continue;
    const pack = collect(() => packOf(file), mistakes);
    if (pack === undefined) continue;
    for (const name of filesOf(pack)) own.add(name);
    added.push(pack);
  }
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return { packs: [...packs, ...added], own };
}

function filesOf({ ruleFiles, relabelFiles }: Pack): string[] {
  return [...ruleFiles, ...relabelFiles].map(({ file }) => file);
}

/** A folder as a pack, or a file as a pack of its own. */
function packOf(path: string): Pack {
  if (statSync(path).isDirectory()) return loadPack({ name: path, folder: path, shownAs: path, strict: false });
  const { ruleFile, relabelFile } = parsePackFile(path, readFileSync(path, 'utf8'));
  return {
    name: path,
    description: '',
    strict: false,
    ruleFiles: ruleFile === undefined ? [] : [ruleFile],
    relabelFiles: relabelFile === undefined ? [] : [relabelFile],
  };
}
