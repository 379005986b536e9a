import { z } from 'zod';
import { parseExpr } from '../../promql/parse.ts';
import { type Mistake, MistakesError } from '../mistake.ts';
import type { RelabelFile, WrittenRelabelConfig } from '../parse-relabel-file.ts';
import type { RecordingRule, RuleFile, RuleGroup } from '../rule-group.ts';
import { closedMap } from '../shapes.ts';
import { checkShape, mistakeAt, readYaml, type YamlFile, type YamlPath } from '../yaml-file.ts';
import { histogram } from './histogram.ts';
import { info } from './info.ts';
import { latencyAverage } from './latency-average.ts';
import { latencyQuantile } from './latency-quantile.ts';
import { relation } from './relation.ts';
import { requestError } from './request-error.ts';
import { requestRate } from './request-rate.ts';
import { resource } from './resource.ts';
import type { Expansion, RuleDraft, SignalExpansion } from './rule-draft.ts';
import { SIGNAL_SHAPES, type Signal, type SignalKind } from './signal.ts';
import { utilisation } from './utilisation.ts';

/** What the signals of a file stand for. */
export interface ExpandedSignals {
  /** A group for each signal. */
  readonly ruleFile: RuleFile;
  readonly relabelFile: RelabelFile;
}

/**
 * Reads a file of signals as the rules and relabel configs that they stand for, with the lines of the signals. What comes
 * after knows nothing of signals.
 *
 * @throws MistakesError with every mistake of the file.
 */
export function parseSignalsFile(file: string, text: string): ExpandedSignals {
  const yaml = readYaml(file, text, 'core');
  const mistakes: Mistake[] = [];
  const shell = checkShape(yaml, [], yaml.value, FILE, mistakes);
  const signals = shell?.signals ?? [];
  const expanded = withoutRepeats(signals.flatMap((signal, i) => parseSignal(yaml, ['signals', i], signal, mistakes)));
  mistakes.push(...repeatedNames(yaml, signals));
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return {
    ruleFile: { file, groups: expanded.map((signal) => groupOf(yaml, signal)) },
    relabelFile: { file, configs: expanded.flatMap((signal) => configsOf(yaml, signal)) },
  };
}

const FILE = closedMap({
  signals: z.array(z.unknown(), 'must be a list of signals; a signals file begins with `signals:`'),
});

const KINDS = Object.keys(SIGNAL_SHAPES) as readonly SignalKind[];

const KIND = z.looseObject(
  { kind: z.enum(KINDS, `must be one of ${KINDS.join(', ')}`) },
  'must be a map that begins with `kind:`',
);

const EXPANSIONS: { readonly [K in SignalKind]: SignalExpansion<Extract<Signal, { kind: K }>> } = {
  histogram,
  requestRate,
  requestError,
  latencyAverage,
  latencyQuantile,
  utilisation,
  resource,
  info,
  relation,
};

interface ExpandedSignal extends Expansion {
  readonly name: string;
  readonly path: YamlPath;
}

function parseSignal(yaml: YamlFile, path: YamlPath, value: unknown, mistakes: Mistake[]): ExpandedSignal[] {
  const kind = checkShape(yaml, path, value, KIND, mistakes)?.kind;
  if (kind === undefined) return [];
  const signal: Signal | undefined = checkShape<Signal>(yaml, path, value, SIGNAL_SHAPES[kind], mistakes);
  if (signal === undefined) return [];
  const expansion = EXPANSIONS[kind] as SignalExpansion<Signal>;
  const problems = expansion.problems(signal);
  mistakes.push(...problems.map(({ key, message }) => mistakeAt(yaml, [...path, key], message)));
  if (problems.length > 0) return [];
  return [{ name: signal.name, path, ...expansion.expand(signal) }];
}

/** Several counters may make up one resource; the rate of what they record together is wanted once. */
function withoutRepeats(signals: readonly ExpandedSignal[]): ExpandedSignal[] {
  const seen = new Set<string>();
  const isNew = ({ record, expr, labels, isShared }: RuleDraft): boolean => {
    const key = JSON.stringify([record, expr, labels]);
    const isRepeat = isShared === true && seen.has(key);
    seen.add(key);
    return !isRepeat;
  };
  return signals.map((signal) => ({ ...signal, rules: signal.rules.filter(isNew) }));
}

function groupOf(yaml: YamlFile, { name, path, rules }: ExpandedSignal): RuleGroup {
  return { name, limit: 0, rules: rules.map((draft) => writtenRule(yaml, path, draft)) };
}

function configsOf(yaml: YamlFile, { path, relabelConfigs }: ExpandedSignal): WrittenRelabelConfig[] {
  return relabelConfigs.map((config) => ({ config, line: yaml.lineOf([...path, 'context']) }));
}

function writtenRule(yaml: YamlFile, path: YamlPath, { record, expr, labels, at = [] }: RuleDraft): RecordingRule {
  const line = yaml.lineOf([...path, ...at]);
  const lines = Object.fromEntries(
    Object.entries(WRITTEN_BY).map(([key, written]) => [key, yaml.lineOf([...path, ...written])]),
  );
  const own = Object.keys(labels).map((name) => [`labels.${name}`, yaml.lineOf([...path, 'labels', name])]);
  return {
    kind: 'recording',
    record,
    expr,
    ast: parseExpr(expr),
    labels,
    line,
    lines: { record: line, expr: line, ...Object.fromEntries(own), ...lines, 'labels.asserts_error_type': line },
  };
}

/** The keys of a signal that labels of its rules come from. */
const WRITTEN_BY: Readonly<Record<string, YamlPath>> = {
  'labels.asserts_source': ['source'],
  'labels.asserts_request_type': ['request_type'],
  'labels.asserts_resource_type': ['resource_type'],
  'labels.asserts_entity_type': ['entity_type'],
  'labels.asserts_version_type': ['version_type'],
};

function repeatedNames(yaml: YamlFile, signals: readonly unknown[]): Mistake[] {
  const names = signals.map((signal) => (signal as { name?: unknown } | null)?.name);
  return names.flatMap((name, i) => {
    if (typeof name !== 'string' || names.indexOf(name) === i) return [];
    const message = `signal ${JSON.stringify(name)} is in this file twice; rename one of them`;
    return [mistakeAt(yaml, ['signals', i, 'name'], message)];
  });
}
