import { readFileSync } from 'node:fs';
import { type Mistake, MistakesError } from '../rules/mistake.ts';
import { checkShape, mistakeAt, readYaml } from '../rules/yaml-file.ts';
import { type Config, DEFAULT_RETENTION } from './config.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import { evaluationProblem, evaluationSettings } from './evaluation-schema.ts';
import { querySettings } from './query-schema.ts';
import { resolveReferences } from './resolve-references.ts';
import { readTenants } from './tenants.ts';

export interface LoadConfigOptions {
  /** What `${env:VAR}` reads; default the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads tributary.yml.
 *
 * @throws MistakesError with every mistake of the file: file, line, key, and what to do.
 */
export function loadConfig(file: string, options: LoadConfigOptions = {}): Config {
  const yaml = readYaml(file, readText(file), 'core');
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  const resolved = resolveReferences(yaml, options.environment ?? process.env, mistakes);
  const written = checkShape(yaml, [], resolved, CONFIG_SCHEMA, mistakes);
  if (written === undefined) throw new MistakesError(mistakes);
  const tenants = readTenants(yaml, written, mistakes, warnings);
  const evaluation = evaluationSettings(written.evaluation);
  const problem = evaluationProblem(evaluation);
  if (problem !== undefined) mistakes.push(mistakeAt(yaml, ['evaluation', problem.key], problem.message));
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return {
    file,
    packs: written.packs,
    rules: written.rules ?? [],
    retention: {
      normalised: { days: written.retention?.normalised ?? DEFAULT_RETENTION.normalised.days },
      derived: { days: written.retention?.derived ?? DEFAULT_RETENTION.derived.days },
    },
    query: querySettings(written.query),
    evaluation,
    tenants,
    warnings,
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}; name the file with --config or create it`;
    throw new MistakesError([{ file, line: 0, key: '', message }]);
  }
}
