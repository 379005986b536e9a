import { compareStrings } from '../model/compare-strings.ts';
import { type Labels, METRIC_NAME } from '../model/labels.ts';

/** One line of a list of `/api/v1/status/tsdb`. */
export interface Statistic {
  readonly name: string;
  readonly value: number;
}

/** What labels and their values number over some series; each list has its largest first. */
export interface LabelStatistics {
  /** Different pairs of name and value. */
  readonly numLabelPairs: number;
  readonly seriesCountByMetricName: readonly Statistic[];
  readonly labelValueCountByLabelName: readonly Statistic[];
  /** Bytes of the label's name and value, and of their lengths, in all series. */
  readonly memoryInBytesByLabelName: readonly Statistic[];
  /** Under `name=value`. */
  readonly seriesCountByLabelValuePair: readonly Statistic[];
}

/** Counts as Prometheus 3.5 does over its head; of equals the one whose name sorts first stands first. */
export function labelStatistics(series: readonly Labels[], limit: number): LabelStatistics {
  const counts = countPairs(series);
  const names = [...counts];
  const pairs = names.flatMap(([name, values]) =>
    [...values].map(([value, count]) => [`${name}=${value}`, count] as const),
  );
  return {
    numLabelPairs: pairs.length,
    seriesCountByMetricName: largest([...(counts.get(METRIC_NAME) ?? [])], limit),
    labelValueCountByLabelName: largest(
      names.map(([name, values]) => [name, values.size]),
      limit,
    ),
    memoryInBytesByLabelName: largest(
      names.map(([name, values]) => [name, bytesOf(name, values)]),
      limit,
    ),
    seriesCountByLabelValuePair: largest(pairs, limit),
  };
}

/** Prometheus spells a length in one byte up to here, and else in four. */
const SHORT_BYTES = 0xff;

/** Series by name and value of their labels. */
function countPairs(series: readonly Labels[]): Map<string, Map<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const { pairs } of series) {
    for (let i = 0; i < pairs.length; i += 2) {
      const [name, value] = [pairs[i] as string, pairs[i + 1] as string];
      const values = counts.get(name) ?? new Map<string, number>();
      if (values.size === 0) counts.set(name, values);
      values.set(value, (values.get(value) ?? 0) + 1);
    }
  }
  return counts;
}

function bytesOf(name: string, values: ReadonlyMap<string, number>): number {
  let bytes = 0;
  for (const [value, count] of values) bytes += (sizeOf(name) + sizeOf(value)) * count;
  return bytes;
}

function sizeOf(text: string): number {
  const bytes = Buffer.byteLength(text);
  return bytes + (bytes < SHORT_BYTES ? 1 : 4);
}

function largest(counts: (readonly [name: string, value: number])[], limit: number): Statistic[] {
  return counts
    .sort(([a, countA], [b, countB]) => countB - countA || compareStrings(a, b))
    .slice(0, limit)
    .map(([name, value]) => ({ name, value }));
}
