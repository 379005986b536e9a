import type { FloatHistogram } from '../float-histogram.ts';
import { exponentialBound } from './bounds.ts';
import { type BucketSide, encodeSide, negativeSide, positiveSide } from './bucket-side.ts';

/**
 * The histogram with its zero bucket widened to `threshold`: buckets inside move into the zero count. Where the
 * threshold falls into a populated bucket it is raised to that bucket's upper bound, so the result's may be larger.
 */
export function widenZeroBucket(histogram: FloatHistogram, threshold: number): FloatHistogram {
  if (threshold === histogram.zeroThreshold) return histogram;
  if (threshold < histogram.zeroThreshold) {
    throw new Error(`BUG: cannot narrow the zero bucket from ${histogram.zeroThreshold} to ${threshold}`);
  }
  const sides = [positiveSide(histogram), negativeSide(histogram)] as const;
  const wide = clearThreshold(sides, histogram.schema, threshold);
  const [positive, negative] = sides.map((side) => cutSide(side, histogram.schema, wide));
  if (positive === undefined || negative === undefined) throw new Error('BUG: a histogram has two sides');
  return {
    ...histogram,
    zeroThreshold: wide,
    zeroCount: histogram.zeroCount + positive.removed + negative.removed,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

/** `threshold`, raised until it lies inside no populated bucket of either side. */
function clearThreshold(sides: readonly BucketSide[], schema: number, threshold: number): number {
  let clear = threshold;
  for (const side of sides) {
    for (let i = 0; i < side.indexes.length; i++) {
      const index = side.indexes[i] ?? 0;
      const upper = exponentialBound(index, schema);
      if (side.counts[i] !== 0 && exponentialBound(index - 1, schema) < clear && upper > clear) clear = upper;
    }
  }
  return clear;
}

function cutSide(side: BucketSide, schema: number, threshold: number) {
  const outside = side.indexes.findIndex((index) => exponentialBound(index - 1, schema) >= threshold);
  const cut = outside < 0 ? side.indexes.length : outside;
  let removed = 0;
  for (let i = 0; i < cut; i++) removed += side.counts[i] ?? 0;
  const kept = encodeSide(side.indexes.slice(cut), side.counts.slice(cut));
  return { ...kept, removed };
}
