import type { FloatHistogram } from '../float-histogram.ts';
import { type BucketSide, encodeSide, negativeSide, positiveSide, type SpannedBuckets } from './bucket-side.ts';

/** The histogram without its empty buckets. */
export function compactHistogram(histogram: FloatHistogram): FloatHistogram {
  if (!histogram.positiveBuckets.includes(0) && !histogram.negativeBuckets.includes(0)) return histogram;
  const positive = compactSide(positiveSide(histogram));
  const negative = compactSide(negativeSide(histogram));
  return {
    ...histogram,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

function compactSide(side: BucketSide): SpannedBuckets {
  const populated = (_: number, i: number) => side.counts[i] !== 0;
  return encodeSide(side.indexes.filter(populated), side.counts.filter(populated));
}
