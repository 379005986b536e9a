import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import { type Buckets, type SparseHistogram, toSparse } from '../../../lib/promql/notation/sparse-histogram.ts';
import { almostEqual } from './almost-equal.ts';

/**
 * What is different between two histograms, or undefined when they are equal within the scripts' tolerance. Empty
 * buckets do not count; the reset hint does only where `checkHint` says so.
 */
export function histogramDifference(
  expected: FloatHistogram,
  got: FloatHistogram,
  checkHint: boolean,
): string | undefined {
  const [want, have] = [toSparse(expected), toSparse(got)];
  if (checkHint && want.resetHint !== have.resetHint) return `reset hint ${have.resetHint}, not ${want.resetHint}`;
  if (want.schema !== have.schema) return `schema ${have.schema}, not ${want.schema}`;
  if (want.zeroThreshold !== have.zeroThreshold)
    return `zero threshold ${have.zeroThreshold}, not ${want.zeroThreshold}`;
  if (want.customValues.join() !== have.customValues.join()) {
    return `custom bounds [${have.customValues.join(' ')}], not [${want.customValues.join(' ')}]`;
  }
  return (
    numberDifference(want, have) ??
    bucketDifference('+', want.positive, have.positive) ??
    bucketDifference('-', want.negative, have.negative)
  );
}

/** A histogram in the notation of the scripts. */
export function formatHistogram(histogram: FloatHistogram): string {
  const sparse = toSparse(histogram);
  const buckets = (name: string, map: Buckets) =>
    map.size === 0 ? [] : [`${name}{${[...map].map(([index, count]) => `${index}: ${count}`).join(', ')}}`];
  const parts = [
    `schema:${sparse.schema}`,
    `count:${sparse.count}`,
    `sum:${sparse.sum}`,
    ...(sparse.zeroCount === 0 && sparse.zeroThreshold === 0
      ? []
      : [`z_bucket:${sparse.zeroCount}`, `z_bucket_w:${sparse.zeroThreshold}`]),
    ...(sparse.customValues.length === 0 ? [] : [`custom_values:[${sparse.customValues.join(' ')}]`]),
    `hint:${sparse.resetHint}`,
    ...buckets('buckets', sparse.positive),
    ...buckets('n_buckets', sparse.negative),
  ];
  return `{{${parts.join(' ')}}}`;
}

function numberDifference(want: SparseHistogram, have: SparseHistogram): string | undefined {
  const field = (['count', 'sum', 'zeroCount'] as const).find((name) => !almostEqual(want[name], have[name]));
  return field === undefined ? undefined : `${field} ${have[field]}, not ${want[field]}`;
}

function bucketDifference(sign: string, want: Buckets, have: Buckets): string | undefined {
  for (const index of new Set([...want.keys(), ...have.keys()])) {
    const [a, b] = [want.get(index) ?? 0, have.get(index) ?? 0];
    if (!almostEqual(a, b)) return `bucket ${sign}${index} ${b}, not ${a}`;
  }
  return undefined;
}
