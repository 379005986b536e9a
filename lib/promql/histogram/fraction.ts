import type { FloatHistogram } from '../float-histogram.ts';
import { usesCustomBuckets } from './bounds.ts';
import { allBuckets, type Bucket } from './bucket.ts';
import { countsNaN, type HistogramEstimate, narrowZeroBucket } from './quantile.ts';

/**
 * The fraction of observations between `lower` and `upper`, interpolated as quantiles are. NaN without observations or
 * with a NaN bound, 0 where `lower` is not below `upper`. NaN observations are in no fraction.
 */
export function histogramFraction(lower: number, upper: number, histogram: FloatHistogram): HistogramEstimate {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) {
    return { value: Number.NaN, nanEffect: 'none' };
  }
  if (lower >= upper) return { value: 0, nanEffect: 'none' };
  const buckets = allBuckets(histogram);
  const custom = usesCustomBuckets(histogram);
  const observed = Number.isNaN(histogram.sum)
    ? buckets.reduce((total, bucket) => total + bucket.count, 0)
    : histogram.count;
  const narrowed = buckets.map((bucket) => {
    const copy = { ...bucket };
    narrowZeroBucket(copy, histogram);
    return copy;
  });
  const below = (bound: number) => Math.min(rankOf(bound, narrowed, custom) ?? observed, observed);
  return {
    value: (below(upper) - below(lower)) / histogram.count,
    nanEffect: countsNaN(histogram, buckets) ? 'excluded' : 'none',
  };
}

/** How many observations lie below `bound`; undefined where it is above all buckets. */
function rankOf(bound: number, buckets: readonly Bucket[], custom: boolean): number | undefined {
  let rank = 0;
  for (const bucket of buckets) {
    if (bucket.lower >= bound) return rank;
    if (bucket.upper > bound) return rankInside(bound, bucket, rank, custom);
    rank += bucket.count;
  }
  return undefined;
}

function rankInside(bound: number, { lower, upper, count }: Bucket, rank: number, custom: boolean): number {
  if (custom || (lower <= 0 && upper >= 0)) {
    // Nothing is known of how a bucket without a lower bound is filled: all of it counts.
    return lower === Number.NEGATIVE_INFINITY ? count : rank + (count * (bound - lower)) / (upper - lower);
  }
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logBound = Math.log2(Math.abs(bound));
  const fraction =
    bound > 0 ? (logBound - logLower) / (logUpper - logLower) : 1 - (logBound - logUpper) / (logLower - logUpper);
  return rank + count * fraction;
}
