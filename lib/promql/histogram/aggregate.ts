import type { FloatHistogram } from '../float-histogram.ts';
import { HistogramAccumulator } from './accumulator.ts';
import { type CombinedHistogram, divideHistogram } from './arithmetic.ts';

/** Part of a list: `[first, last)`. */
interface Slice {
  readonly histograms: readonly FloatHistogram[];
  readonly first: number;
  readonly last: number;
}

/**
 * The sum of `histograms[first … last-1]`, at least one.
 *
 * `hintCollision` tells that somewhere among them one is known to follow a reset and another known not to.
 *
 * @throws IncompatibleHistogramsError when exponential meets custom buckets.
 */
export function sumHistograms(
  histograms: readonly FloatHistogram[],
  first = 0,
  last = histograms.length,
): CombinedHistogram {
  const slice = { histograms, first, last };
  return finish(slice, accumulate(slice));
}

/**
 * The mean of `histograms[first … last-1]`, at least one: the sum divided by the count as long as the sum stays within
 * the range of floats, the incremental mean from where it would leave it.
 *
 * @throws IncompatibleHistogramsError when exponential meets custom buckets.
 */
export function averageHistograms(
  histograms: readonly FloatHistogram[],
  first = 0,
  last = histograms.length,
): CombinedHistogram {
  const slice = { histograms, first, last };
  const sum = new HistogramAccumulator(at(slice, first));
  for (let i = first + 1; i < last; i++) {
    sum.add(at(slice, i));
    if (sum.overflows) return incrementalMean(slice, i);
  }
  const { histogram, ...flags } = finish(slice, sum);
  return { histogram: divideHistogram(histogram, last - first), ...flags };
}

/** The mean of the first `count` histograms scaled down, then each further one weighted in. */
function incrementalMean(slice: Slice, from: number): CombinedHistogram {
  const mean = accumulate({ ...slice, last: from });
  mean.scale(1 / (from - slice.first));
  for (let i = from; i < slice.last; i++) {
    const count = i - slice.first + 1;
    mean.scale((count - 1) / count);
    mean.add(divideHistogram(at(slice, i), count));
  }
  return finish(slice, mean);
}

function accumulate(slice: Slice): HistogramAccumulator {
  const sum = new HistogramAccumulator(at(slice, slice.first));
  for (let i = slice.first + 1; i < slice.last; i++) sum.add(at(slice, i));
  return sum;
}

function finish(slice: Slice, sum: HistogramAccumulator): CombinedHistogram {
  let reset = false;
  let noReset = false;
  for (let i = slice.first; i < slice.last; i++) {
    const { resetHint } = at(slice, i);
    reset ||= resetHint === 'yes';
    noReset ||= resetHint === 'no';
  }
  return { histogram: sum.result(), hintCollision: reset && noReset, boundsReconciled: sum.boundsReconciled };
}

function at({ histograms }: Slice, i: number): FloatHistogram {
  const histogram = histograms[i];
  if (histogram === undefined) throw new Error(`BUG: no histogram at ${i} of ${histograms.length}`);
  return histogram;
}
