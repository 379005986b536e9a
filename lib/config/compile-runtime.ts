import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compilePlan } from '../plan/compile-plan.ts';
import { widenWindows } from '../plan/widen-windows.ts';
import { type Mistake, MistakesError } from '../rules/mistake.ts';
import { collect, loadPack, type Pack, type PackFolder } from '../rules/pack.ts';
import type { Config } from './config.ts';
import { loadConfig } from './load-config.ts';
import type { ParseConfigOptions } from './parse-config.ts';
import type { CompiledRuntime } from './runtime.ts';

export interface CompileRuntimeOptions extends ParseConfigOptions {
  /** Told of everything that will surprise; default: a process warning each. */
  readonly warn?: (warning: Mistake) => void;
}

/**
 * Compiles tributary.yml and the rules it names into what the functions load: plain JSON, equal for equal inputs.
 *
 * @throws MistakesError with every mistake of the configuration, or of all the rules.
 */
export function compileRuntime(configFile: string, options: CompileRuntimeOptions = {}): CompiledRuntime {
  const config = loadConfig(configFile, options);
  for (const warning of config.warnings) (options.warn ?? emitWarning)(warning);
  const plan = compilePlan({ packs: loadPacks(config) });
  const { tenants, retention, query, evaluation } = config;
  return { plan, tenants, retention, query, evaluation };
}

/**
 * Loads the packs that a configuration names, then its own rules; relabel configs apply in that order.
 *
 * @throws MistakesError with every mistake of all of them.
 */
export function loadPacks(config: Config): Pack[] {
  const mistakes: Mistake[] = [];
  const load = (find: () => PackFolder) => collect(() => loadPack(find()), mistakes) ?? [];
  const packs = [
    ...config.packs.flatMap((name, i) => load(() => packFolder(config, name, i))),
    ...config.rules.flatMap((path, i) => load(() => ownFolder(config, path, i))),
  ];
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  const { widestWindow } = config.evaluation;
  return widestWindow === undefined ? packs : packs.map((pack) => widenWindows(pack, widestWindow));
}

const PACKS = 'rules/packs';

/** Names of the packs there are, whether the configuration uses them or not. */
export function packNames(config: Pick<Config, 'file'>): string[] {
  const folder = join(packRoot(config), PACKS);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Packs stand beside the configuration; one that is read from elsewhere uses those of the working directory. */
function packRoot({ file }: Pick<Config, 'file'>): string {
  return [dirname(file), '.'].find((folder) => existsSync(join(folder, PACKS))) ?? '.';
}

function packFolder(config: Config, name: string, i: number): PackFolder {
  const available = packNames(config);
  if (!available.includes(name)) {
    const message = `there is no pack ${JSON.stringify(name)}; ${PACKS} has ${available.join(', ') || 'none'}`;
    throw mistakeOf(config, 'packs', i, message);
  }
  return { name, folder: join(packRoot(config), PACKS, name), shownAs: `${PACKS}/${name}`, strict: true };
}

function ownFolder(config: Config, path: string, i: number): PackFolder {
  const folder = join(dirname(config.file), path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw mistakeOf(config, 'rules', i, `${folder} is not a folder; make it, or take it out of the list`);
  }
  return { name: path, folder, shownAs: path, strict: false };
}

function mistakeOf({ file, lines }: Config, list: 'packs' | 'rules', i: number, message: string): MistakesError {
  return new MistakesError([{ file, line: lines[list][i] ?? 0, key: `${list}[${i}]`, message }]);
}

function emitWarning({ file, line, key, message }: Mistake): void {
  process.emitWarning(`${file}:${line}: ${key}: ${message}`, 'TributaryWarning');
}
