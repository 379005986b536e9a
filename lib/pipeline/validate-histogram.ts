import { CUSTOM_BUCKETS_SCHEMA, type Histogram, type Span } from '../model/histogram.ts';
import { MAX_HISTOGRAM_BUCKETS } from './intake-limits.ts';
import type { Fault } from './intake-report.ts';

const MIN_SCHEMA = -4;
/** Up to 8 as they are; up to here they are reduced to 8 (`reduceHistogram`). */
const MAX_SCHEMA = 52;

/**
 * Checks a native histogram as `model/histogram` of Prometheus does (Validate of Histogram and FloatHistogram): the shape
 * of its spans, no negative bucket, and for integer histograms that the buckets add up to the count.
 */
export function validateHistogram(histogram: Histogram): Fault | undefined {
  const size = Math.max(
    histogram.positiveSpans.length,
    histogram.negativeSpans.length,
    histogram.customValues.length,
    histogram.positiveDeltas.length + histogram.negativeDeltas.length,
    histogram.positiveCounts.length + histogram.negativeCounts.length,
  );
  if (size > MAX_HISTOGRAM_BUCKETS) {
    return { reason: 'histogram_too_large', detail: `its histogram has more than ${MAX_HISTOGRAM_BUCKETS} buckets` };
  }
  const detail = checkSchema(histogram) ?? checkSides(histogram) ?? checkCount(histogram);
  return detail === undefined ? undefined : { reason: 'invalid_histogram', detail };
}

function checkSchema(histogram: Histogram): string | undefined {
  const { schema, customValues } = histogram;
  if (schema === CUSTOM_BUCKETS_SCHEMA) return checkCustomBuckets(histogram);
  if (!(schema >= MIN_SCHEMA && schema <= MAX_SCHEMA)) {
    return `its histogram has schema ${schema}, which is neither ${MIN_SCHEMA} to ${MAX_SCHEMA} nor ${CUSTOM_BUCKETS_SCHEMA}`;
  }
  return customValues.length > 0 ? 'its exponential histogram has custom bucket bounds' : undefined;
}

function checkCustomBuckets(histogram: Histogram): string | undefined {
  const { customValues, positiveSpans, negativeSpans, zeroCount, zeroThreshold } = histogram;
  if (zeroCount !== 0 || zeroThreshold !== 0) return 'its custom-bucket histogram has a zero bucket';
  if (negativeSpans.length + histogram.negativeDeltas.length + histogram.negativeCounts.length > 0) {
    return 'its custom-bucket histogram has negative buckets';
  }
  const badBound = customValues.findIndex(
    (bound, i) => !Number.isFinite(bound) || (i > 0 && bound <= (customValues[i - 1] as number)),
  );
  if (badBound >= 0) return `custom bucket bound ${badBound} (${customValues[badBound]}) is not finite and ascending`;
  const end = positiveSpans.reduce((sum, { offset, length }) => sum + offset + length, 0);
  if (end > customValues.length + 1) return `its buckets reach to ${end} of ${customValues.length + 1} custom ones`;
  return (positiveSpans[0]?.offset ?? 0) < 0 ? 'its first custom bucket has a negative index' : undefined;
}

function checkSides(histogram: Histogram): string | undefined {
  const { isFloat } = histogram;
  const foreign = isFloat
    ? histogram.positiveDeltas.length + histogram.negativeDeltas.length
    : histogram.positiveCounts.length + histogram.negativeCounts.length;
  if (foreign > 0) return `its ${isFloat ? 'float' : 'integer'} histogram has buckets of the other kind`;
  return (
    checkSide('positive', histogram.positiveSpans, positiveBuckets(histogram)) ??
    checkSide('negative', histogram.negativeSpans, negativeBuckets(histogram))
  );
}

function checkSide(side: string, spans: readonly Span[], counts: readonly number[]): string | undefined {
  const badSpan = spans.findIndex(({ offset }, i) => i > 0 && offset < 0);
  if (badSpan >= 0) return `${side} span ${badSpan} has a negative offset (${spans[badSpan]?.offset})`;
  const promised = spans.reduce((sum, { length }) => sum + length, 0);
  if (promised !== counts.length) return `its ${side} spans hold ${promised} buckets where ${counts.length} are given`;
  const bad = counts.findIndex((count) => !(count >= 0));
  return bad >= 0 ? `${side} bucket ${bad} has a count of ${counts[bad]}` : undefined;
}

function checkCount(histogram: Histogram): string | undefined {
  const { count, zeroCount, sum, isFloat } = histogram;
  if (!(zeroCount >= 0)) return `its zero bucket has a count of ${zeroCount}`;
  if (!(count >= 0)) return `its count is ${count}`;
  // Rounding may set float buckets apart from their count; the same goes for integers that a number cannot hold.
  if (isFloat || count > Number.MAX_SAFE_INTEGER) return undefined;
  const observed = [...positiveBuckets(histogram), ...negativeBuckets(histogram)].reduce((a, b) => a + b, zeroCount);
  // Observations of NaN are in the count and in no bucket.
  if (Number.isNaN(sum) ? observed <= count : observed === count) return undefined;
  return `its buckets hold ${observed} observations where the count says ${count}`;
}

function positiveBuckets({ isFloat, positiveCounts, positiveDeltas }: Histogram): readonly number[] {
  return isFloat ? positiveCounts : runningSums(positiveDeltas);
}

function negativeBuckets({ isFloat, negativeCounts, negativeDeltas }: Histogram): readonly number[] {
  return isFloat ? negativeCounts : runningSums(negativeDeltas);
}

function runningSums(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.map((delta) => {
    sum += delta;
    return sum;
  });
}
