import type { FloatHistogram } from '../float-histogram.ts';
import { HistogramAccumulator } from './accumulator.ts';
import { sameNumbers, sameSpans } from './equals.ts';
import { combineHints } from './reset-hint.ts';

/** What came of adding or subtracting two histograms, or of summing many. */
export interface CombinedHistogram {
  readonly histogram: FloatHistogram;
  /** Counter reset hints contradicted each other; the hint of the result is `unknown`. */
  readonly hintCollision: boolean;
  /** Custom bounds differed and were reduced to those in common. */
  readonly boundsReconciled: boolean;
}

/** @throws IncompatibleHistogramsError when exponential meets custom buckets. */
export function addHistograms(a: FloatHistogram, b: FloatHistogram): CombinedHistogram {
  return combine(a, b, 1);
}

/**
 * `a - b`. The hint follows the same rules as in addition; whoever means a difference in the sense of PromQL marks it
 * as a gauge.
 *
 * @throws IncompatibleHistogramsError when exponential meets custom buckets.
 */
export function subtractHistograms(a: FloatHistogram, b: FloatHistogram): CombinedHistogram {
  return combine(a, b, -1);
}

/** Every count, the zero bucket and the sum times `factor`. A negative factor makes a gauge. */
export function multiplyHistogram(histogram: FloatHistogram, factor: number): FloatHistogram {
  return mapCounts(histogram, factor < 0, (count) => count * factor);
}

/** Every count, the zero bucket and the sum by `divisor`. Division by zero leaves no buckets: nothing bounds them. */
export function divideHistogram(histogram: FloatHistogram, divisor: number): FloatHistogram {
  const quotient = mapCounts(histogram, divisor < 0, (count) => count / divisor);
  return divisor === 0 ? withoutBuckets(quotient) : quotient;
}

/** The same numbers as a gauge histogram. */
export function asGauge(histogram: FloatHistogram): FloatHistogram {
  return histogram.resetHint === 'gauge' ? histogram : { ...histogram, resetHint: 'gauge' };
}

/** A histogram of the same layout class (schema, custom bounds) that has counted nothing. */
export function emptyLike(histogram: FloatHistogram): FloatHistogram {
  return {
    ...withoutBuckets(histogram),
    resetHint: 'unknown',
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
  };
}

function combine(a: FloatHistogram, b: FloatHistogram, factor: 1 | -1): CombinedHistogram {
  if (sameLayout(a, b)) return combineAligned(a, b, factor);
  const accumulator = new HistogramAccumulator(a);
  accumulator.add(b, factor);
  const { hintCollision, boundsReconciled } = accumulator;
  return { histogram: accumulator.result(), hintCollision, boundsReconciled };
}

function sameLayout(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameSpans(a.negativeSpans, b.negativeSpans) &&
    sameNumbers(a.customValues, b.customValues)
  );
}

/** The common case, samples of one series: bucket by bucket without looking at bounds. */
function combineAligned(a: FloatHistogram, b: FloatHistogram, factor: 1 | -1): CombinedHistogram {
  const { hint, collision } = combineHints(a.resetHint, b.resetHint);
  const histogram: FloatHistogram = {
    ...a,
    resetHint: hint,
    zeroCount: a.zeroCount + factor * b.zeroCount,
    count: a.count + factor * b.count,
    sum: a.sum + factor * b.sum,
    positiveBuckets: a.positiveBuckets.map((count, i) => count + factor * (b.positiveBuckets[i] ?? 0)),
    negativeBuckets: a.negativeBuckets.map((count, i) => count + factor * (b.negativeBuckets[i] ?? 0)),
  };
  return { histogram, hintCollision: collision, boundsReconciled: false };
}

function mapCounts(histogram: FloatHistogram, gauge: boolean, map: (count: number) => number): FloatHistogram {
  return {
    ...histogram,
    resetHint: gauge ? 'gauge' : histogram.resetHint,
    zeroCount: map(histogram.zeroCount),
    count: map(histogram.count),
    sum: map(histogram.sum),
    positiveBuckets: histogram.positiveBuckets.map(map),
    negativeBuckets: histogram.negativeBuckets.map(map),
  };
}

function withoutBuckets(histogram: FloatHistogram): FloatHistogram {
  const none = new Float64Array(0);
  return { ...histogram, positiveSpans: [], negativeSpans: [], positiveBuckets: none, negativeBuckets: none };
}
