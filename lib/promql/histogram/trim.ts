import type { FloatHistogram } from '../float-histogram.ts';
import { usesCustomBuckets } from './bounds.ts';
import { type Bucket, negativeBuckets, positiveBuckets, zeroBucket } from './bucket.ts';
import { compactHistogram } from './compact.ts';

/** Which observations stay: those below the cutoff (`</`) or those above it (`>/`). */
export type TrimSide = 'below' | 'above';

/** What stays of a bucket: a count, and the value its observations are taken to have. */
interface Kept {
  readonly count: number;
  readonly at: number;
}

interface Trim {
  readonly cutoff: number;
  readonly side: TrimSide;
  readonly custom: boolean;
}

const NOTHING: Kept = { count: 0, at: 0 };

/**
 * The histogram without the observations on one side of `cutoff`. A bucket that holds the cutoff is split by the
 * interpolation of quantiles. Where anything was cut, count and sum are estimated anew from what stays in the buckets;
 * where nothing was, the histogram comes back as it is.
 */
export function trimHistogram(histogram: FloatHistogram, cutoff: number, side: TrimSide): FloatHistogram {
  const trim: Trim = { cutoff, side, custom: usesCustomBuckets(histogram) };
  const positive = positiveBuckets(histogram);
  const negative = negativeBuckets(histogram);
  const keptPositive = positive.map((bucket) => keep(bucket, 1, trim));
  const keptNegative = negative.map((bucket) => keep(bucket, -1, trim));
  const keptZero = histogram.zeroCount > 0 ? keepZero(histogram, positive, negative, trim) : NOTHING;
  const counts = (kept: readonly Kept[]) => Float64Array.from(kept, ({ count }) => count);
  const trimmed = {
    ...histogram,
    zeroCount: histogram.zeroCount > 0 ? keptZero.count : histogram.zeroCount,
    positiveBuckets: counts(keptPositive),
    negativeBuckets: counts(keptNegative),
  };
  if (sameCounts(trimmed, histogram)) return histogram;
  const all = [...keptPositive, ...keptNegative, keptZero];
  return compactHistogram({
    ...trimmed,
    count: all.reduce((total, kept) => total + kept.count, 0),
    sum: all.reduce((total, kept) => total + kept.count * kept.at, 0),
  });
}

function sameCounts(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.zeroCount === b.zeroCount &&
    a.positiveBuckets.every((count, i) => count === b.positiveBuckets[i]) &&
    a.negativeBuckets.every((count, i) => count === b.negativeBuckets[i])
  );
}

function keep(bucket: Bucket, sign: 1 | -1, trim: Trim): Kept {
  if (bucket.count === 0) return NOTHING;
  const { lower, upper, count } = bucket;
  const { cutoff, side, custom } = trim;
  if (side === 'below' ? upper <= cutoff : lower >= cutoff) return { count, at: midpoint(lower, upper, sign, custom) };
  if (side === 'below' ? lower >= cutoff : upper <= cutoff) return NOTHING;
  if (lower === Number.NEGATIVE_INFINITY) return splitWithoutLower(bucket, trim);
  if (upper === Number.POSITIVE_INFINITY) return splitWithoutUpper(bucket, trim);
  const under = countBelow(bucket, sign, trim);
  return side === 'below'
    ? { count: under, at: midpoint(lower, cutoff, sign, custom) }
    : { count: count - under, at: midpoint(cutoff, upper, sign, custom) };
}

/** A first bucket that ends above zero is taken to begin at zero; one that ends below is kept or dropped whole. */
function splitWithoutLower({ upper, count }: Bucket, { cutoff, side }: Trim): Kept {
  if (side === 'below') {
    if (cutoff > 0 && upper > 0 && upper !== Number.POSITIVE_INFINITY) {
      return { count: (count * cutoff) / upper, at: cutoff / 2 };
    }
    return upper <= 0 ? { count, at: cutoff } : NOTHING;
  }
  if (cutoff === Number.NEGATIVE_INFINITY) return { count, at: 0 };
  if (cutoff >= 0 && upper !== Number.POSITIVE_INFINITY) {
    return { count: count * (1 - cutoff / upper), at: (cutoff + upper) / 2 };
  }
  return NOTHING;
}

/** Nothing is known of where observations lie in the last bucket: from below none stay, from above all. */
function splitWithoutUpper({ count }: Bucket, { cutoff, side }: Trim): Kept {
  return side === 'below' ? NOTHING : { count, at: cutoff };
}

function countBelow({ lower, upper, count }: Bucket, sign: 1 | -1, { cutoff, custom }: Trim): number {
  if (custom) return (count * (cutoff - lower)) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logCutoff = Math.log2(Math.abs(cutoff));
  return sign > 0
    ? (count * (logCutoff - logLower)) / (logUpper - logLower)
    : count * (1 - (logCutoff - logUpper) / (logLower - logUpper));
}

/** The zero bucket is split linearly, over the half that the other buckets leave to it. */
function keepZero(
  histogram: FloatHistogram,
  positive: readonly Bucket[],
  negative: readonly Bucket[],
  { cutoff, side }: Trim,
): Kept {
  const { lower: widest, upper: highest, count } = zeroBucket(histogram);
  const populated = (buckets: readonly Bucket[]) => buckets.some((bucket) => bucket.count !== 0);
  const lower = populated(positive) && !populated(negative) ? 0 : widest;
  const upper = populated(negative) && !populated(positive) ? 0 : highest;
  const below = side === 'below';
  if (below ? cutoff <= lower : cutoff > lower && cutoff >= upper) return NOTHING;
  if (below ? cutoff >= upper : cutoff <= lower) return { count, at: (lower + upper) / 2 };
  const [from, to] = below ? [lower, cutoff] : [cutoff, upper];
  return { count: (count * (to - from)) / (upper - lower), at: (from + to) / 2 };
}

function midpoint(lower: number, upper: number, sign: 1 | -1, custom: boolean): number {
  if (lower === Number.NEGATIVE_INFINITY) {
    if (upper === Number.POSITIVE_INFINITY) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (upper === Number.POSITIVE_INFINITY) return lower;
  return custom ? (lower + upper) / 2 : sign * Math.sqrt(Math.abs(lower * upper));
}
