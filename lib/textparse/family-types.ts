import type { MetricType } from '../model/metadata.ts';

/** The label that holds a bucket's or a quantile's bound; `''` where a family has none. */
export type BoundLabel = '' | 'le' | 'quantile';

/** The words of `# TYPE` in the text format. */
export const TEXT_TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

/** The words of `# TYPE` in OpenMetrics. */
export const OPENMETRICS_TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['gaugehistogram', 'gaugehistogram'],
  ['summary', 'summary'],
  ['info', 'info'],
  ['stateset', 'stateset'],
  ['unknown', 'unknown'],
]);

/** As Prometheus normalises them: not in gauge histograms. */
export function boundLabelOf(type: MetricType): BoundLabel {
  if (type === 'histogram') return 'le';
  return type === 'summary' ? 'quantile' : '';
}
