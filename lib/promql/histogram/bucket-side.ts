import type { Span } from '../../model/histogram.ts';

/** The buckets on one side of zero: bucket indexes, ascending, and the count in each. */
export interface BucketSide {
  readonly indexes: readonly number[];
  readonly counts: Float64Array;
}

export interface SpannedBuckets {
  readonly spans: readonly Span[];
  readonly buckets: Float64Array;
}

/** Gives every bucket its absolute index. */
export function decodeSide(spans: readonly Span[], counts: Float64Array): BucketSide {
  const indexes: number[] = [];
  let next = 0;
  for (const span of spans) {
    next += span.offset;
    for (let i = 0; i < span.length; i++) indexes.push(next++);
  }
  return { indexes, counts };
}

/** The inverse of `decodeSide`: neighbouring buckets share a span. */
export function encodeSide(indexes: readonly number[], counts: Float64Array): SpannedBuckets {
  const spans: { offset: number; length: number }[] = [];
  let end = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === end) last.length++;
    else spans.push({ offset: index - end, length: 1 });
    end = index + 1;
  }
  return { spans, buckets: counts };
}

/** The sides of a histogram. */
export function positiveSide(histogram: { positiveSpans: readonly Span[]; positiveBuckets: Float64Array }): BucketSide {
  return decodeSide(histogram.positiveSpans, histogram.positiveBuckets);
}

export function negativeSide(histogram: { negativeSpans: readonly Span[]; negativeBuckets: Float64Array }): BucketSide {
  return decodeSide(histogram.negativeSpans, histogram.negativeBuckets);
}
