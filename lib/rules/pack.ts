import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Mistake, MistakesError } from './mistake.ts';
import { parseRelabelFile, type RelabelFile } from './parse-relabel-file.ts';
import { parseRuleFile } from './parse-rule-file.ts';
import type { RuleFile } from './rule-group.ts';
import { closedMap } from './shapes.ts';
import { parseSignalsFile } from './signals/parse-signals-file.ts';
import { checkShape, readYaml } from './yaml-file.ts';

/** Rules and relabel configs that belong together: one folder. */
export interface Pack {
  readonly name: string;
  readonly description: string;
  /** Ours: held to the whole vocabulary. A user's own folder may record metrics of its own. */
  readonly strict: boolean;
  readonly ruleFiles: readonly RuleFile[];
  readonly relabelFiles: readonly RelabelFile[];
}

export interface PackFolder {
  readonly name: string;
  /** Where the folder is. */
  readonly folder: string;
  /** How its files are called in errors and in the plan: a path that is the same on every machine. */
  readonly shownAs: string;
  readonly strict: boolean;
}

/**
 * Reads a folder: `pack.yml` (optional) describes it, `relabel.yml` and `*.relabel.yml` hold relabel configs,
 * `signals.yml` and `*.signals.yml` signals, every other YAML file is a Prometheus rule file. Files are read in the order
 * of their names.
 *
 * @throws MistakesError with every mistake of all its files.
 */
export function loadPack({ name, folder, shownAs, strict }: PackFolder): Pack {
  const mistakes: Mistake[] = [];
  const files = yamlFiles(folder, shownAs);
  const read = <T>(wanted: (file: string) => boolean, parse: (file: string, text: string) => T): T[] =>
    files.filter(wanted).flatMap((file) => {
      const parsed = collect(() => parse(`${shownAs}/${file}`, readFileSync(join(folder, file), 'utf8')), mistakes);
      return parsed === undefined ? [] : [parsed];
    });
  const [description = ''] = read(isDescription, parseDescription);
  const contents = read((file) => !isDescription(file), parsePackFile);
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  const ruleFiles = contents.flatMap(({ ruleFile = [] }) => ruleFile);
  return {
    name,
    description,
    strict,
    ruleFiles,
    relabelFiles: contents.flatMap(({ relabelFile = [] }) => relabelFile),
  };
}

/** Runs a step; the mistakes it throws are kept and the next step can run. */
export function collect<T>(step: () => T, mistakes: Mistake[]): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof MistakesError)) throw error;
    mistakes.push(...error.mistakes);
    return undefined;
  }
}

function yamlFiles(folder: string, shownAs: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new MistakesError([
      { file: shownAs, line: 0, key: '', message: 'is not a folder; a pack is a folder of YAML files' },
    ]);
  }
  return readdirSync(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort();
}

function isDescription(file: string): boolean {
  return /^pack\.ya?ml$/.test(file);
}

/**
 * Reads one file of a pack; its name says what it holds. Signals are rules and relabel configs at once.
 *
 * @throws MistakesError with every mistake of the file.
 */
export function parsePackFile(file: string, text: string): { ruleFile?: RuleFile; relabelFile?: RelabelFile } {
  if (/(?:^|[/.])signals\.ya?ml$/.test(file)) return parseSignalsFile(file, text);
  if (/(?:^|[/.])relabel\.ya?ml$/.test(file)) return { relabelFile: parseRelabelFile(file, text) };
  return { ruleFile: parseRuleFile(file, text) };
}

const DESCRIPTION = closedMap({ description: z.string('is missing; say in a sentence what the pack is for') });

function parseDescription(file: string, text: string): string {
  const yaml = readYaml(file, text, 'strings');
  const mistakes: Mistake[] = [];
  const pack = checkShape(yaml, [], yaml.value, DESCRIPTION, mistakes);
  if (pack === undefined) throw new MistakesError(mistakes);
  return pack.description;
}
