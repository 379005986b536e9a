import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compilePlan } from '../plan/compile-plan.ts';
import { type Mistake, MistakesError } from '../rules/mistake.ts';
import { collect, loadPack, type Pack, type PackFolder } from '../rules/pack.ts';
import type { Config } from './config.ts';
import { type LoadConfigOptions, loadConfig } from './load-config.ts';
import type { CompiledRuntime } from './runtime.ts';

export interface CompileRuntimeOptions extends LoadConfigOptions {
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
    ...config.packs.flatMap((name) => load(() => packFolder(config, name))),
    ...config.rules.flatMap((path) => load(() => ownFolder(config, path))),
  ];
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return packs;
}

const PACKS = 'rules/packs';

/** Packs stand beside the configuration; one that is read from elsewhere uses those of the working directory. */
function packFolder({ file }: Config, name: string): PackFolder {
  const root = [dirname(file), '.'].find((folder) => existsSync(join(folder, PACKS))) ?? '.';
  const available = existsSync(join(root, PACKS)) ? readdirSync(join(root, PACKS)) : [];
  if (!available.includes(name)) {
    const message = `there is no pack ${JSON.stringify(name)}; ${PACKS} has ${available.sort().join(', ') || 'none'}`;
    throw new MistakesError([{ file, line: 0, key: 'packs', message }]);
  }
  return { name, folder: join(root, PACKS, name), shownAs: `${PACKS}/${name}`, strict: true };
}

function ownFolder({ file }: Config, path: string): PackFolder {
  return { name: path, folder: join(dirname(file), path), shownAs: path, strict: false };
}

function emitWarning({ file, line, key, message }: Mistake): void {
  process.emitWarning(`${file}:${line}: ${key}: ${message}`, 'TributaryWarning');
}
