import { CUSTOM_BUCKETS_SCHEMA, type ResetHint, type Span } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';

/** Bucket counts by bucket index; absent and zero are the same. */
export type Buckets = ReadonlyMap<number, number>;

/**
 * A deliberately plain form of a histogram, made for comparing and for the sums of series lines. It shares no code with
 * the engine's own arithmetic, which the scripts test.
 */
export interface SparseHistogram {
  readonly schema: number;
  readonly count: number;
  readonly sum: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly resetHint: ResetHint;
  readonly customValues: readonly number[];
  readonly positive: Buckets;
  readonly negative: Buckets;
}

export function toSparse(histogram: FloatHistogram): SparseHistogram {
  const { schema, count, sum, zeroThreshold, zeroCount, resetHint, customValues } = histogram;
  return {
    schema,
    count,
    sum,
    zeroThreshold,
    zeroCount,
    resetHint,
    customValues,
    positive: sparseBuckets(histogram.positiveSpans, histogram.positiveBuckets),
    negative: sparseBuckets(histogram.negativeSpans, histogram.negativeBuckets),
  };
}

export function fromSparse(histogram: SparseHistogram): FloatHistogram {
  const { positive, negative, ...rest } = histogram;
  const [positiveSpans, positiveBuckets] = denseBuckets(positive);
  const [negativeSpans, negativeBuckets] = denseBuckets(negative);
  return { ...rest, positiveSpans, positiveBuckets, negativeSpans, negativeBuckets };
}

/**
 * `base + sign * change`, as one step of `{{…}}+{{…}}xN`. The result has the resolution of `base`.
 *
 * @throws Error when `change` is coarser than `base` or their custom bounds differ.
 */
export function addSparse(base: SparseHistogram, change: SparseHistogram, sign: 1 | -1): SparseHistogram {
  if (base.schema > change.schema) {
    throw new Error(`cannot add a histogram of schema ${change.schema} to one of schema ${base.schema}`);
  }
  if (base.customValues.join() !== change.customValues.join()) {
    throw new Error('cannot add histograms with different custom bounds');
  }
  const threshold = Math.max(base.zeroThreshold, change.zeroThreshold);
  const left = widenZeroBucket(base, threshold);
  const right = widenZeroBucket(coarsen(change, base.schema), threshold);
  return {
    ...left,
    count: left.count + sign * right.count,
    sum: left.sum + sign * right.sum,
    zeroCount: left.zeroCount + sign * right.zeroCount,
    positive: addBuckets(left.positive, right.positive, sign),
    negative: addBuckets(left.negative, right.negative, sign),
  };
}

function sparseBuckets(spans: readonly Span[], counts: Float64Array): Buckets {
  const buckets = new Map<number, number>();
  let index = 0;
  let at = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length; i++, index++, at++) {
      const count = counts[at];
      if (count === undefined) throw new Error(`BUG: spans cover ${at + 1} buckets, only ${counts.length} are given`);
      if (count !== 0) buckets.set(index, count);
    }
  }
  if (at !== counts.length) throw new Error(`BUG: spans cover ${at} buckets, ${counts.length} are given`);
  return buckets;
}

function denseBuckets(buckets: Buckets): [Span[], Float64Array] {
  const indexes = [...buckets.keys()].filter((index) => buckets.get(index) !== 0).sort((a, b) => a - b);
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return [spans, Float64Array.from(indexes, (index) => buckets.get(index) ?? 0)];
}

function addBuckets(a: Buckets, b: Buckets, sign: 1 | -1): Buckets {
  const sum = new Map(a);
  for (const [index, count] of b) sum.set(index, (sum.get(index) ?? 0) + sign * count);
  return sum;
}

/** Bucket i of schema s is (base^(i-1), base^i]; two neighbours make one of the next coarser schema. */
function coarsen(histogram: SparseHistogram, schema: number): SparseHistogram {
  if (histogram.schema === schema || schema === CUSTOM_BUCKETS_SCHEMA) return histogram;
  const shift = histogram.schema - schema;
  const merge = (buckets: Buckets) => {
    const merged = new Map<number, number>();
    for (const [index, count] of buckets) {
      const target = Math.ceil(index / 2 ** shift);
      merged.set(target, (merged.get(target) ?? 0) + count);
    }
    return merged;
  };
  return { ...histogram, schema, positive: merge(histogram.positive), negative: merge(histogram.negative) };
}

function widenZeroBucket(histogram: SparseHistogram, threshold: number): SparseHistogram {
  if (histogram.zeroThreshold === threshold) return histogram;
  let { zeroCount } = histogram;
  const outside = (buckets: Buckets) => {
    const kept = new Map<number, number>();
    for (const [index, count] of buckets) {
      const upper = 2 ** (index * 2 ** -histogram.schema);
      if (upper <= threshold) zeroCount += count;
      else if (upper / 2 ** (2 ** -histogram.schema) < threshold) {
        throw new Error(`cannot widen the zero bucket to ${threshold}: it would cut bucket ${index}`);
      } else kept.set(index, count);
    }
    return kept;
  };
  const positive = outside(histogram.positive);
  const negative = outside(histogram.negative);
  return { ...histogram, zeroThreshold: threshold, zeroCount, positive, negative };
}
