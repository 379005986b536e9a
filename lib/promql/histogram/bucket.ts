import type { FloatHistogram } from '../float-histogram.ts';
import { customBound, exponentialBound, usesCustomBuckets } from './bounds.ts';
import { negativeSide, positiveSide } from './bucket-side.ts';

/** One bucket with its bounds; the fields are mutable so that readers may narrow a bucket they own. */
export interface Bucket {
  lower: number;
  upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

/**
 * All buckets in ascending order: negative ones, the zero bucket where it counts anything, positive ones. A bucket that
 * overlaps the zero bucket is cut at the zero threshold.
 */
export function allBuckets(histogram: FloatHistogram): Bucket[] {
  if (usesCustomBuckets(histogram)) return positiveBuckets(histogram);
  const threshold = histogram.zeroThreshold;
  const negative = negativeBuckets(histogram).reverse();
  for (const bucket of negative) if (bucket.upper > -threshold) bucket.upper = -threshold;
  const positive = positiveBuckets(histogram);
  for (const bucket of positive) if (bucket.lower < threshold) bucket.lower = threshold;
  const zero = histogram.zeroCount > 0 ? [zeroBucket(histogram)] : [];
  return [...negative, ...zero, ...positive];
}

export function zeroBucket(histogram: FloatHistogram): Bucket {
  return {
    lower: -histogram.zeroThreshold,
    upper: histogram.zeroThreshold,
    lowerInclusive: true,
    upperInclusive: true,
    count: histogram.zeroCount,
  };
}

/** Positive (or custom) buckets upwards, in the order of `positiveBuckets`. */
export function positiveBuckets(histogram: FloatHistogram): Bucket[] {
  const { indexes, counts } = positiveSide(histogram);
  const custom = usesCustomBuckets(histogram);
  const bound = custom
    ? (index: number) => customBound(index, histogram.customValues)
    : (index: number) => exponentialBound(index, histogram.schema);
  return indexes.map((index, i) => ({
    lower: bound(index - 1),
    upper: bound(index),
    lowerInclusive: custom && index === 0,
    upperInclusive: true,
    count: counts[i] ?? 0,
  }));
}

/** Negative buckets away from zero, in the order of `negativeBuckets`. */
export function negativeBuckets(histogram: FloatHistogram): Bucket[] {
  const { indexes, counts } = negativeSide(histogram);
  return indexes.map((index, i) => ({
    lower: -exponentialBound(index, histogram.schema),
    upper: -exponentialBound(index - 1, histogram.schema),
    lowerInclusive: true,
    upperInclusive: false,
    count: counts[i] ?? 0,
  }));
}
