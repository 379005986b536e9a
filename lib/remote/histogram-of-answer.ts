import { CUSTOM_BUCKETS_SCHEMA } from '../model/histogram.ts';
import type { FloatHistogram } from '../promql/float-histogram.ts';
import { exponentialBound, MAX_SCHEMA, MIN_SCHEMA } from '../promql/histogram/bounds.ts';
import { encodeSide } from '../promql/histogram/bucket-side.ts';
import type { AnsweredHistogram } from './query-answer.ts';

/** Bounds are written with all their digits, but computed by other means than ours. */
const TOLERANCE = 1e-9;

/** Which bounds belong to a bucket. */
const UPPER = 0;
const LOWER = 1;
const BOTH = 3;

interface AnsweredBucket {
  /** Of its bounds that which lies nearer to zero, and the other, without sign. */
  readonly inner: number;
  readonly outer: number;
  readonly count: number;
}

/**
 * The histogram that a server spelled as JSON, which tells the bounds of populated buckets and no schema: it is the finest
 * schema whose bounds they are, or else custom buckets. As a gauge, for what queries answer is no counter.
 *
 * @returns undefined where the buckets are of no kind of histogram (negative ones with custom bounds).
 */
export function histogramOfAnswer(answered: AnsweredHistogram): FloatHistogram | undefined {
  for (let schema = MAX_SCHEMA; schema >= MIN_SCHEMA; schema--) {
    const found = exponential(answered, schema);
    if (found !== undefined) return found;
  }
  return custom(answered);
}

function exponential({ count, sum, buckets }: AnsweredHistogram, schema: number): FloatHistogram | undefined {
  const ofRule = (rule: number) => buckets.filter((bucket) => bucket[0] === rule);
  const [positive, negative, zeros] = [ofRule(UPPER), ofRule(LOWER), ofRule(BOTH)];
  const [zero] = zeros;
  const isOdd = positive.some(([, lower]) => lower < 0) || negative.some(([, , upper]) => upper > 0);
  const isZero = zero === undefined || zero[1] === -zero[2];
  if (isOdd || !isZero || zeros.length > 1 || positive.length + negative.length + zeros.length < buckets.length) {
    return undefined;
  }
  const sides = [
    positive.map(([, inner, outer, inside]): AnsweredBucket => ({ inner, outer, count: inside })),
    negative.map(([, lower, upper, inside]) => ({ inner: -upper, outer: -lower, count: inside })).reverse(),
  ].map((side) => indexesOf(side, schema));
  const [up, down] = sides;
  if (up === undefined || down === undefined) return undefined;
  const [positives, negatives] = [encodeSide(up.indexes, up.counts), encodeSide(down.indexes, down.counts)];
  return {
    resetHint: 'gauge',
    schema,
    count,
    sum,
    zeroThreshold: Math.max(zero?.[2] ?? 0, up.cutAt, down.cutAt),
    zeroCount: zero?.[3] ?? 0,
    positiveSpans: positives.spans,
    positiveBuckets: positives.buckets,
    negativeSpans: negatives.spans,
    negativeBuckets: negatives.buckets,
    customValues: [],
  };
}

/** The innermost bucket may be cut by the zero bucket; `cutAt` tells where, 0 where it is not. */
function indexesOf(
  side: readonly AnsweredBucket[],
  schema: number,
): { readonly indexes: number[]; readonly counts: Float64Array; readonly cutAt: number } | undefined {
  const indexes: number[] = [];
  let cutAt = 0;
  for (const [i, { inner, outer }] of side.entries()) {
    const index = Math.round(Math.log2(outer) * 2 ** schema);
    if (!Number.isFinite(index)) return undefined;
    const lower = exponentialBound(index - 1, schema);
    if (!isNear(exponentialBound(index, schema), outer)) return undefined;
    if (!isNear(lower, inner)) {
      if (i > 0 || inner < lower) return undefined;
      cutAt = inner;
    }
    indexes.push(index);
  }
  return { indexes, counts: Float64Array.from(side, ({ count }) => count), cutAt };
}

/** Gaps between populated buckets become buckets of their own, which are empty. */
function custom({ count, sum, buckets }: AnsweredHistogram): FloatHistogram | undefined {
  const bounds = [...new Set(buckets.flatMap(([, lower, upper]) => [lower, upper]))];
  const customValues = bounds.filter(Number.isFinite).sort((a, b) => a - b);
  const indexes: number[] = [];
  for (const [, lower, upper] of buckets) {
    const index = upper === Number.POSITIVE_INFINITY ? customValues.length : customValues.indexOf(upper);
    if (index < 0 || lower !== (customValues[index - 1] ?? Number.NEGATIVE_INFINITY)) return undefined;
    indexes.push(index);
  }
  const { spans, buckets: counts } = encodeSide(
    indexes,
    Float64Array.from(buckets, ([, , , inside]) => inside),
  );
  return {
    resetHint: 'gauge',
    schema: CUSTOM_BUCKETS_SCHEMA,
    count,
    sum,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpans: spans,
    positiveBuckets: counts,
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customValues,
  };
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.abs(b);
}
