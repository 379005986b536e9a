import { compareStrings } from '../../model/compare-strings.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricMetadata, MetricType } from '../../model/metadata.ts';

/** A metric as its application thinks of it: a histogram is one, whatever series it has. */
export interface MetricFamily {
  /** Without the suffixes of histograms and summaries; with the `_total` of counters. */
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
  /** Labels and the first few of their values; without `le` and `quantile`. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** Values of the label `quantile`. */
  readonly quantiles: readonly string[];
  /** Series of it, at most `MAX_SERIES`. */
  readonly series: readonly Labels[];
}

const MAX_SERIES = 500;
const MAX_VALUES = 50;

/** Groups series to families. What no metadata says of their types is told from names and labels. */
export function metricFamilies(series: Iterable<Labels>, metadata: readonly MetricMetadata[]): MetricFamily[] {
  const byName = new Map<string, Labels[]>();
  for (const labels of series) {
    const list = byName.get(labels.metricName) ?? [];
    if (list.length < MAX_SERIES) list.push(labels);
    byName.set(labels.metricName, list);
  }
  const facts = new Map(metadata.map((one) => [one.metricFamilyName, one]));
  const families = new Map<string, Labels[]>();
  for (const [name, list] of byName) {
    const family = familyName(name, byName, facts);
    families.set(family, [...(families.get(family) ?? []), ...list]);
  }
  return [...families]
    .map(([name, list]) => familyOf(name, list, facts.get(name) ?? facts.get(name.replace(/_total$/, ''))))
    .sort((a, b) => compareStrings(a.name, b.name));
}

type Facts = ReadonlyMap<string, MetricMetadata>;

function familyName(name: string, byName: ReadonlyMap<string, readonly Labels[]>, facts: Facts): string {
  const [, base = '', suffix] = /^(.+)_(bucket|sum|count)$/.exec(name) ?? [];
  if (suffix === undefined) return name;
  const isDistribution =
    ['histogram', 'gaugehistogram', 'summary'].includes(facts.get(base)?.type ?? '') ||
    hasLabel(byName.get(`${base}_bucket`), 'le') ||
    hasLabel(byName.get(base), 'quantile') ||
    (byName.has(`${base}_sum`) && byName.has(`${base}_count`));
  return isDistribution ? base : name;
}

function hasLabel(series: readonly Labels[] | undefined, name: string): boolean {
  return series?.some((labels) => labels.has(name)) ?? false;
}

function familyOf(name: string, series: readonly Labels[], fact: MetricMetadata | undefined): MetricFamily {
  const labels = new Map<string, string[]>();
  for (const one of series) {
    for (const { name: label, value } of one) {
      const values = labels.get(label) ?? [];
      if (!values.includes(value) && values.length < MAX_VALUES) values.push(value);
      labels.set(label, values);
    }
  }
  const quantiles = labels.get('quantile') ?? [];
  const known = fact === undefined || fact.type === 'unknown' ? undefined : fact.type;
  const type = known ?? inferredType(name, series, labels);
  for (const hidden of ['__name__', 'le', 'quantile']) labels.delete(hidden);
  return { name, type, unit: fact?.unit ?? '', help: fact?.help ?? '', labels, quantiles, series };
}

function inferredType(name: string, series: readonly Labels[], labels: ReadonlyMap<string, unknown>): MetricType {
  if (labels.has('le')) return 'histogram';
  if (labels.has('quantile') || series.some(({ metricName }) => metricName !== name)) return 'summary';
  if (name.endsWith('_total')) return 'counter';
  return name.endsWith('_info') ? 'info' : 'unknown';
}
