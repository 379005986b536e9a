import { type Mistake, MistakesError } from '../rules/mistake.ts';
import { checkShape, mistakeAt, readYaml, type YamlFile } from '../rules/yaml-file.ts';
import type { Retention } from '../storage/interface.ts';
import { type Config, DEFAULT_RETENTION } from './config.ts';
import { CONFIG_SCHEMA, type WrittenConfig } from './config-schema.ts';
import { evaluationProblem, evaluationSettings } from './evaluation-schema.ts';
import { querySettings } from './query-schema.ts';
import { resolveReferences } from './resolve-references.ts';
import { readRetention, retentionProblem } from './retention-schema.ts';
import { readTenants } from './tenants.ts';

export interface ParseConfigOptions {
  /** What `${env:VAR}` reads; default the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the text of a tributary.yml.
 *
 * @param file what it is called in mistakes.
 * @throws MistakesError with every mistake of the file: file, line, key, and what to do.
 */
export function parseConfig(file: string, text: string, options: ParseConfigOptions = {}): Config {
  const yaml = readYaml(file, text, 'core');
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  const resolved = resolveReferences(yaml, options.environment ?? process.env, mistakes);
  const written = checkShape(yaml, [], resolved, CONFIG_SCHEMA, mistakes);
  if (written === undefined) throw new MistakesError(mistakes);
  const tenants = readTenants(yaml, written, mistakes, warnings);
  const evaluation = evaluationSettings(written.evaluation);
  const problem = evaluationProblem(evaluation);
  if (problem !== undefined) mistakes.push(mistakeAt(yaml, ['evaluation', problem.key], problem.message));
  const retention = readRetention(written.retention, written.tenants, DEFAULT_RETENTION);
  mistakes.push(...retentionMistakes(yaml, written, retention));
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  const { packs, rules = [] } = written;
  return {
    file,
    packs,
    rules,
    lines: {
      packs: packs.map((_, i) => yaml.lineOf(['packs', i])),
      rules: rules.map((_, i) => yaml.lineOf(['rules', i])),
    },
    retention,
    query: querySettings(written.query),
    evaluation,
    tenants,
    warnings,
  };
}

/** Mistakes of what all tenants have, and of what some have of their own. */
function retentionMistakes(yaml: YamlFile, { tenants }: WrittenConfig, retention: Retention): Mistake[] {
  const ofAll = retentionProblem(retention);
  if (ofAll !== undefined) return [mistakeAt(yaml, ['retention', 'derived'], ofAll)];
  return tenants.flatMap(({ name }, i) => {
    const problem = retentionProblem(retention.tenants?.[name] ?? retention);
    return problem === undefined ? [] : [mistakeAt(yaml, ['tenants', i, 'retention', 'derived'], problem)];
  });
}
