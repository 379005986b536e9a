import type { FunctionImplementation } from '../function-call.ts';
import { averageHistograms, sumHistograms } from '../histogram/aggregate.ts';
import type { CombinedHistogram } from '../histogram/arithmetic.ts';
import { IncompatibleHistogramsError } from '../histogram/incompatible.ts';
import { compensate, KahanSum } from '../histogram/kahan-sum.ts';
import type { RangeSeries } from '../value.ts';
import { informBoundsReconciled, warnHintCollision, warnMixedBuckets, warnMixedWindow } from './annotate.ts';
import { mapRange, type RangeCursor } from './range-series.ts';
import { samplesIn } from './samples-in.ts';

type FloatTotal = (series: RangeSeries, first: number, last: number) => number;
type HistogramTotal = typeof sumHistograms;

/** Sums and means of windows that hold floats only or histograms only. */
export const TOTAL_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['avg_over_time', total(averageOf, averageHistograms)],
  ['sum_over_time', total(({ floats }, first, last) => sumFloats(floats, first, last), sumHistograms)],
]);

function total(ofFloats: FloatTotal, ofHistograms: HistogramTotal): FunctionImplementation {
  return (call) =>
    mapRange(call, 0, () => (cursor, step) => {
      if (warnMixedWindow(cursor)) return;
      const { floatWindow, column, series } = cursor;
      if (floatWindow.size > 0) {
        column.setFloat(step, ofFloats(series, floatWindow.first, floatWindow.last));
        return;
      }
      const combined = combine(cursor, ofHistograms);
      if (combined !== undefined) column.setHistogram(step, combined.histogram);
    });
}

function combine(cursor: RangeCursor, ofHistograms: HistogramTotal): CombinedHistogram | undefined {
  try {
    const { first, last } = cursor.histogramWindow;
    const combined = ofHistograms(cursor.histograms, first, last);
    if (combined.hintCollision) warnHintCollision(cursor);
    if (combined.boundsReconciled) informBoundsReconciled(cursor, 'aggregation');
    return combined;
  } catch (error) {
    if (!(error instanceof IncompatibleHistogramsError)) throw error;
    warnMixedBuckets(cursor);
    return undefined;
  }
}

/** The floats of downsampled series are sums, and stand for as many samples as `counts` says. */
function averageOf(series: RangeSeries, first: number, last: number): number {
  if (series.counts === undefined) return averageFloats(series.floats, first, last);
  return sumFloats(series.floats, first, last) / samplesIn(series, first, last);
}

/** The compensated sum of `values[first … last-1]`; an overflow is infinite. */
export function sumFloats(values: Float64Array, first: number, last: number): number {
  let sum = 0;
  let compensation = 0;
  for (let i = first; i < last; i++) {
    const value = values[i] as number;
    const total = sum + value;
    compensation = compensate(compensation, sum, value, total);
    sum = total;
  }
  return Math.abs(sum) === Number.POSITIVE_INFINITY ? sum : sum + compensation;
}

/**
 * The mean of `values[first … last-1]`: the compensated sum divided by the count as long as the sum stays finite, the
 * incremental mean from where it would not.
 */
export function averageFloats(values: Float64Array, first: number, last: number): number {
  let sum = values[first] as number;
  let compensation = 0;
  for (let i = first + 1; i < last; i++) {
    const value = values[i] as number;
    const total = sum + value;
    if (Math.abs(total) === Number.POSITIVE_INFINITY) {
      const count = i - first;
      return incrementalMean(new KahanSum(sum / count, compensation / count), values, first, i, last);
    }
    compensation = compensate(compensation, sum, value, total);
    sum = total;
  }
  const count = last - first;
  return sum / count + compensation / count;
}

/** `mean` is that of `values[first … from-1]`. */
function incrementalMean(mean: KahanSum, values: Float64Array, first: number, from: number, last: number): number {
  for (let i = from; i < last; i++) {
    const count = i - first + 1;
    mean.scale((count - 1) / count);
    mean.add((values[i] as number) / count);
  }
  return mean.value;
}
