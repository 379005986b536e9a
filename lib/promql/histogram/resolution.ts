import type { FloatHistogram } from '../float-histogram.ts';
import { type BucketSide, encodeSide, negativeSide, positiveSide, type SpannedBuckets } from './bucket-side.ts';

/**
 * The histogram at a lower exponential schema: buckets that fall together are added. The same histogram where it has
 * that schema already.
 */
export function reduceResolution(histogram: FloatHistogram, schema: number): FloatHistogram {
  if (histogram.schema === schema) return histogram;
  if (schema > histogram.schema) throw new Error(`BUG: cannot raise schema ${histogram.schema} to ${schema}`);
  const positive = reduceSide(positiveSide(histogram), histogram.schema, schema);
  const negative = reduceSide(negativeSide(histogram), histogram.schema, schema);
  return {
    ...histogram,
    schema,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

/** The bucket of `target` that holds bucket `index` of `schema`. */
export function reducedIndex(index: number, schema: number, target: number): number {
  return Math.floor((index - 1) / 2 ** (schema - target)) + 1;
}

function reduceSide(side: BucketSide, schema: number, target: number): SpannedBuckets {
  const indexes: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < side.indexes.length; i++) {
    const index = reducedIndex(side.indexes[i] ?? 0, schema, target);
    if (indexes.at(-1) !== index) {
      indexes.push(index);
      counts.push(0);
    }
    counts[counts.length - 1] = (counts.at(-1) ?? 0) + (side.counts[i] ?? 0);
  }
  return encodeSide(indexes, Float64Array.from(counts));
}
