import type { Span } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { decodeSide } from './bucket-side.ts';

/**
 * Whether two histograms hold the same numbers in the same buckets, empty ones included. How spans are cut does not
 * matter, nor does the counter reset hint. Numbers are compared bit by bit, so NaN equals NaN.
 */
export function histogramsEqual(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    a === b ||
    (a.schema === b.schema &&
      sameNumber(a.count, b.count) &&
      sameNumber(a.sum, b.sum) &&
      a.zeroThreshold === b.zeroThreshold &&
      sameNumber(a.zeroCount, b.zeroCount) &&
      sameNumbers(a.customValues, b.customValues) &&
      sameNumbers(a.positiveBuckets, b.positiveBuckets) &&
      sameNumbers(a.negativeBuckets, b.negativeBuckets) &&
      sameLayout(a.positiveSpans, a.positiveBuckets, b.positiveSpans) &&
      sameLayout(a.negativeSpans, a.negativeBuckets, b.negativeSpans))
  );
}

/** Whether two lists of bounds are the same, to the bit. */
export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameNumber(a[i] ?? 0, b[i] ?? 0)) return false;
  return true;
}

/** Whether spans are cut alike, span by span. */
export function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((span, i) => {
        const other = b[i];
        return other !== undefined && other.offset === span.offset && other.length === span.length;
      }))
  );
}

function sameNumber(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function sameLayout(a: readonly Span[], buckets: Float64Array, b: readonly Span[]): boolean {
  if (sameSpans(a, b)) return true;
  return sameNumbers(decodeSide(a, buckets).indexes, decodeSide(b, buckets).indexes);
}
