import { type Labels, METRIC_NAME } from '../model/labels.ts';
import { NAME_LABEL } from '../plan/mapping.ts';

export interface LargeMetric {
  /** Name of the raw metric. */
  readonly metric: string;
  /** Raw series that rules made something of. */
  readonly series: number;
  /** Labels with most values first, at most five: the first is what makes it large. */
  readonly labels: readonly { readonly label: string; readonly values: number }[];
}

const MAX_LABELS = 5;

/** The raw metrics with most series, largest first, found through what rules made of them. */
export function largestMetrics(series: readonly Labels[], limit: number): LargeMetric[] {
  // One raw series may have become several; the record that most of them became counts them all, each once.
  const records = new Map<string, Labels[]>();
  for (const labels of series) {
    const record = `${labels.get(NAME_LABEL)}\n${labels.metricName}`;
    const group = records.get(record);
    if (group === undefined) records.set(record, [labels]);
    else group.push(labels);
  }
  const metrics = new Map<string, readonly Labels[]>();
  for (const group of records.values()) {
    const metric = group[0]?.get(NAME_LABEL) ?? '';
    if (group.length > (metrics.get(metric)?.length ?? 0)) metrics.set(metric, group);
  }
  return [...metrics]
    .sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([metric, group]) => ({ metric, series: group.length, labels: labelsOf(group) }));
}

/** Labels with one value tell nothing apart. */
function labelsOf(group: readonly Labels[]): LargeMetric['labels'] {
  const values = new Map<string, Set<string>>();
  for (const labels of group) {
    for (const { name, value } of labels) {
      const known = values.get(name) ?? new Set();
      values.set(name, known.add(value));
    }
  }
  return [...values]
    .map(([label, { size }]) => ({ label, values: size }))
    .filter(({ label, values: count }) => label !== METRIC_NAME && count > 1)
    .sort((a, b) => b.values - a.values || (a.label < b.label ? -1 : 1))
    .slice(0, MAX_LABELS);
}
