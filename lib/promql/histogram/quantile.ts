import type { FloatHistogram } from '../float-histogram.ts';
import { usesCustomBuckets } from './bounds.ts';
import { allBuckets, type Bucket } from './bucket.ts';

/** What NaN observations did to a result; they count, but lie in no bucket. */
export type NanEffect = 'none' | 'result-is-nan' | 'skewed-higher' | 'excluded';

export interface HistogramEstimate {
  readonly value: number;
  readonly nanEffect: NanEffect;
}

/** Where a rank was found among the buckets. */
interface Found {
  readonly bucket: Bucket;
  /** Observations up to and including `bucket`, counted from the end that the search began at. */
  readonly reached: number;
  readonly rank: number;
  readonly ascending: boolean;
}

/**
 * The `q`-quantile of a native histogram: exponential interpolation inside exponential buckets, linear inside the zero
 * bucket and custom buckets. NaN without observations, -Inf below q = 0, +Inf above q = 1.
 */
export function histogramQuantile(q: number, histogram: FloatHistogram): HistogramEstimate {
  if (q < 0) return plain(Number.NEGATIVE_INFINITY);
  if (q > 1) return plain(Number.POSITIVE_INFINITY);
  if (histogram.count === 0 || Number.isNaN(q)) return plain(Number.NaN);
  const buckets = allBuckets(histogram);
  const found = findRank(q, histogram, buckets);
  const custom = usesCustomBuckets(histogram);
  if (custom && found.bucket.lower === Number.NEGATIVE_INFINITY) {
    if (found.bucket.upper <= 0) return plain(found.bucket.upper);
    found.bucket.lower = 0;
  } else if (custom && found.bucket.upper === Number.POSITIVE_INFINITY) {
    return plain(found.bucket.lower);
  }
  if (!custom) narrowZeroBucket(found.bucket, histogram);
  const reached = Math.min(found.reached, histogram.count);
  if (reached < found.rank) return beyondBuckets(found.bucket, histogram);
  const rank = found.ascending ? found.rank - (reached - found.bucket.count) : reached - found.rank;
  return {
    value: interpolate(found.bucket, rank / found.bucket.count, custom),
    nanEffect: countsNaN(histogram, buckets) ? 'skewed-higher' : 'none',
  };
}

/**
 * With only positive (or only negative) buckets beside it, the zero bucket is taken to hold no negative (positive)
 * observations.
 */
export function narrowZeroBucket(bucket: Bucket, histogram: FloatHistogram): void {
  if (bucket.lower > 0 || bucket.upper < 0) return;
  const positive = histogram.positiveBuckets.length > 0;
  const negative = histogram.negativeBuckets.length > 0;
  if (positive && !negative) bucket.lower = 0;
  else if (negative && !positive) bucket.upper = 0;
}

/** Whether observations are missing from the buckets because they were NaN; only then (or with ±Inf) the sum is NaN. */
export function countsNaN(histogram: FloatHistogram, buckets: readonly Bucket[]): boolean {
  if (!Number.isNaN(histogram.sum)) return false;
  return buckets.reduce((total, bucket) => total + bucket.count, 0) < histogram.count;
}

/** Searches from the nearer end, but always upwards where NaN observations are counted at the top. */
function findRank(q: number, histogram: FloatHistogram, buckets: readonly Bucket[]): Found {
  const ascending = Number.isNaN(histogram.sum) || q < 0.5;
  const rank = (ascending ? q : 1 - q) * histogram.count;
  let bucket: Bucket = { lower: 0, upper: 0, lowerInclusive: false, upperInclusive: false, count: 0 };
  let reached = 0;
  for (let i = 0; i < buckets.length; i++) {
    const next = buckets[ascending ? i : buckets.length - 1 - i];
    if (next === undefined) break;
    bucket = next;
    if (next.count === 0) continue;
    reached += next.count;
    if (reached >= rank) break;
  }
  return { bucket: { ...bucket }, reached, rank, ascending };
}

function beyondBuckets(last: Bucket, histogram: FloatHistogram): HistogramEstimate {
  return Number.isNaN(histogram.sum) ? { value: Number.NaN, nanEffect: 'result-is-nan' } : plain(last.upper);
}

function interpolate({ lower, upper }: Bucket, fraction: number, custom: boolean): number {
  if (custom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

function plain(value: number): HistogramEstimate {
  return { value, nanEffect: 'none' };
}
