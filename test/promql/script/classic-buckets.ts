import { CUSTOM_BUCKETS_SCHEMA } from '../../../lib/model/histogram.ts';
import { type Labels, METRIC_NAME } from '../../../lib/model/labels.ts';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import { isNumber, parseNumber } from '../../../lib/promql/notation/numbers.ts';

/** A float sample of a load. */
export interface ClassicSample {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number;
}

/** A classic histogram's samples at one time, as one histogram with custom buckets. */
export interface ConvertedSample {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly histogram: FloatHistogram;
}

interface Parts {
  readonly labels: Labels;
  readonly timestamp: number;
  /** Cumulative count by upper bound. */
  readonly buckets: Map<number, number>;
  count?: number;
  sum?: number;
}

/**
 * Gathers `_bucket`, `_count` and `_sum` samples by series and time and turns each group into a native histogram named
 * without the suffix (`load_with_nhcb`). Groups without any bucket are no classic histograms and are left out.
 *
 * @throws Error when bucket counts decrease with rising bounds.
 */
export function convertClassicHistograms(samples: Iterable<ClassicSample>): ConvertedSample[] {
  const groups = new Map<string, Parts>();
  for (const sample of samples) gather(groups, sample);
  return [...groups.values()]
    .filter((parts) => parts.buckets.size > 0)
    .map((parts) => ({ labels: parts.labels, timestamp: parts.timestamp, histogram: convert(parts) }));
}

function gather(groups: Map<string, Parts>, sample: ClassicSample): void {
  const [, base, suffix] = /^(.+)_(bucket|count|sum)$/.exec(sample.labels.metricName) ?? [];
  const bound = sample.labels.get('le');
  if (base === undefined || (suffix === 'bucket' && !isNumber(bound))) return;
  const labels = sample.labels.with({ [METRIC_NAME]: base, le: '' });
  const key = `${labels.key}@${sample.timestamp}`;
  const parts: Parts = groups.get(key) ?? { labels, timestamp: sample.timestamp, buckets: new Map() };
  groups.set(key, parts);
  if (suffix === 'bucket') parts.buckets.set(parseNumber(bound), sample.value);
  else if (suffix === 'count') parts.count = sample.value;
  else parts.sum = sample.value;
}

function convert(parts: Parts): FloatHistogram {
  const bounds = [...parts.buckets.keys()].sort((a, b) => a - b);
  const highest = parts.buckets.get(bounds.at(-1) as number) ?? 0;
  const count = parts.count ?? highest;
  const finite = bounds.filter((bound) => bound !== Number.POSITIVE_INFINITY);
  const cumulative = [...finite, Number.POSITIVE_INFINITY].map((bound) => parts.buckets.get(bound) ?? count);
  const counts = cumulative.map((value, i) => value - (cumulative[i - 1] ?? 0));
  const decreasing = counts.findIndex((value) => value < 0);
  if (decreasing >= 0) {
    throw new Error(
      `cannot convert ${parts.labels}: bucket ${decreasing} at ${parts.timestamp} ms counts less than the one below`,
    );
  }
  return {
    resetHint: 'unknown',
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: parts.sum ?? 0,
    positiveSpans: [{ offset: 0, length: counts.length }],
    negativeSpans: [],
    positiveBuckets: Float64Array.from(counts),
    negativeBuckets: new Float64Array(),
    customValues: finite,
  };
}
