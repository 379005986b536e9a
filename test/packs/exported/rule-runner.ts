import { parse } from 'yaml';
import { Labels, METRIC_NAME } from '../../../lib/model/labels.ts';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import type { Series } from '../../../lib/storage/interface.ts';
import { parseValue } from '../../promql/differential/parse-value.ts';
import type { ApiSeries, PrometheusServer } from '../../promql/differential/prometheus-server.ts';

export interface ExportedRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of its group, as written. */
  readonly interval?: string;
}

/** Evaluation times, ms, inclusive. */
export interface Times {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A recorded series: values by time, ms. */
export interface Recorded {
  readonly labels: Labels;
  readonly values: Map<number, number>;
}

interface RuleGroup {
  readonly interval?: string;
  readonly rules: readonly (Partial<ExportedRule> & Pick<ExportedRule, 'expr'>)[];
}

/** Recording rules of an exported file, in its order. */
export function recordingRulesOf(file: string): ExportedRule[] {
  const { groups } = parse(file) as { groups: readonly RuleGroup[] };
  return groups.flatMap(({ interval, rules }) =>
    rules.flatMap(({ record, expr, labels = {} }) =>
      record === undefined ? [] : [{ record, expr, labels, ...(interval !== undefined && { interval }) }],
    ),
  );
}

/**
 * Evaluates rules as the rule manager does, at times of the past: the server computes and stores all values, and what is
 * done here is to name them, and to end series that a rule no longer gives. Rules must not read each other.
 */
export async function runRules(
  server: PrometheusServer,
  rules: readonly ExportedRule[],
  times: Times,
): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for (let i = 0; i < rules.length; i += PARALLEL_QUERIES) {
    const batch = rules.slice(i, i + PARALLEL_QUERIES);
    const results = await Promise.all(batch.map((rule) => evaluate(server, rule, times)));
    for (const result of results) recorded.push(...joined(result));
  }
  await server.write(recorded.map((one) => withEnds(one, times)));
  return recorded;
}

const PARALLEL_QUERIES = 4;

async function evaluate(server: PrometheusServer, rule: ExportedRule, { start, end, step }: Times) {
  const parameters = { start: String(start / 1000), end: String(end / 1000), step: String(step / 1000) };
  const answer = await server.api('query_range', { query: rule.expr, ...parameters });
  if (answer.status === 'error')
    throw new Error(`Prometheus cannot evaluate ${rule.record}: ${answer.error}\n${rule.expr}`);
  return ((answer.data?.result ?? []) as readonly ApiSeries[]).map(({ metric, values = [], histograms }): Recorded => {
    if (histograms !== undefined) throw new Error(`${rule.record} gives histograms`);
    const labels = Labels.from(metric).with({ ...rule.labels, [METRIC_NAME]: rule.record });
    return { labels, values: new Map(values.map(([time, text]) => [Math.round(time * 1000), parseValue(text)])) };
  });
}

/** Series that the rule's labels make one may follow each other; at one time the rule manager fails the rule. */
function joined(results: readonly Recorded[]): Recorded[] {
  const found = new Map<string, Recorded>();
  for (const one of results) {
    const known = found.get(one.labels.key);
    if (known === undefined) found.set(one.labels.key, one);
    for (const [time, value] of known === undefined ? [] : one.values) {
      if (known?.values.has(time)) throw new Error(`${one.labels} is given twice at ${time}`);
      known?.values.set(time, value);
    }
  }
  return [...found.values()];
}

function withEnds({ labels, values }: Recorded, { start, end, step }: Times): Series {
  const timestamps: number[] = [];
  for (let time = start; time <= end; time += step) {
    if (values.has(time) || values.has(time - step)) timestamps.push(time);
  }
  const floats = { timestamps: Float64Array.from(timestamps), values: new Float64Array(timestamps.length) };
  timestamps.forEach((time, i) => {
    floats.values[i] = values.get(time) ?? STALE_NAN;
  });
  return { labels, floats };
}
