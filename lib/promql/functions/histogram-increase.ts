import type { FloatHistogram } from '../float-histogram.ts';
import {
  addHistograms,
  asGauge,
  type CombinedHistogram,
  emptyLike,
  subtractHistograms,
} from '../histogram/arithmetic.ts';
import { usesCustomBuckets } from '../histogram/bounds.ts';
import { compactHistogram } from '../histogram/compact.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import { IncompatibleHistogramsError } from '../histogram/incompatible.ts';
import { reduceResolution } from '../histogram/resolution.ts';
import {
  informBoundsReconciled,
  warnMixedBuckets,
  warnNotCounter,
  warnNotGauge,
  warnStartTimeOverlap,
} from './annotate.ts';
import type { RangeCursor } from './range-series.ts';
import { isStartReset, startOverlaps } from './start-timestamps.ts';

/**
 * The increase from the first to the last histogram of the window (at least two), as a gauge histogram; with
 * `isCounter` counter resets are made up for. Nothing, and a warning, where buckets cannot be put together.
 */
export function histogramIncrease(cursor: RangeCursor, isCounter: boolean): FloatHistogram | undefined {
  const { first, last } = cursor.histogramWindow;
  const samples = cursor.histograms.slice(first, last);
  const [earliest, second] = samples;
  const latest = samples.at(-1);
  if (earliest === undefined || second === undefined || latest === undefined) {
    throw new Error('BUG: an increase needs two histograms');
  }
  if (isCounter && samples.some(({ resetHint }) => resetHint === 'gauge')) warnNotCounter(cursor);
  // What stands before a reset does not matter, so it may have any buckets.
  const base = isCounter && resetBetween(cursor, first + 1) ? emptyLike(second) : earliest;
  const middle = isCounter ? samples.slice(1, -1) : [];
  if ([latest, ...middle].some((sample) => usesCustomBuckets(sample) !== usesCustomBuckets(base))) {
    warnMixedBuckets(cursor);
    return undefined;
  }
  const schema = Math.min(base.schema, latest.schema, ...middle.map((sample) => sample.schema));
  const difference = combineOrWarn(cursor, 'subtraction', reduceResolution(latest, schema), base, subtractHistograms);
  if (difference === undefined) return undefined;
  if (!isCounter && (earliest.resetHint !== 'gauge' || latest.resetHint !== 'gauge')) warnNotGauge(cursor);
  const increase = isCounter ? withResets(cursor, difference, base) : difference;
  return increase && asGauge(compactHistogram(increase));
}

/** Combines two histograms, turning what is to be told of it into annotations. */
export function combineOrWarn(
  cursor: RangeCursor,
  operation: 'addition' | 'subtraction',
  a: FloatHistogram,
  b: FloatHistogram,
  combine: (a: FloatHistogram, b: FloatHistogram) => CombinedHistogram,
): FloatHistogram | undefined {
  try {
    const { histogram, boundsReconciled } = combine(a, b);
    if (boundsReconciled) informBoundsReconciled(cursor, operation);
    return histogram;
  } catch (error) {
    if (!(error instanceof IncompatibleHistogramsError)) throw error;
    warnMixedBuckets(cursor);
    return undefined;
  }
}

/** Adds what was lost at each reset: the histogram before it. */
function withResets(cursor: RangeCursor, difference: FloatHistogram, base: FloatHistogram): FloatHistogram | undefined {
  const { first, last } = cursor.histogramWindow;
  let increase: FloatHistogram | undefined = difference;
  for (let i = first + 1; i < last && increase !== undefined; i++) {
    if (overlapBetween(cursor, i)) warnStartTimeOverlap(cursor);
    const before = i === first + 1 ? base : cursor.histograms[i - 1];
    if (before === undefined || !resetBetween(cursor, i, before)) continue;
    increase = combineOrWarn(cursor, 'addition', increase, before, addHistograms);
  }
  return increase;
}

/** Whether the counter was reset before sample `index`; `before` stands in for the sample before it. */
function resetBetween(
  { histograms, histogramTimestamps, series }: RangeCursor,
  index: number,
  before = histograms[index - 1],
) {
  const current = histograms[index];
  if (current === undefined || before === undefined) return false;
  const starts = series.histogramStartTimestamps;
  const byStart =
    starts !== undefined &&
    isStartReset(
      starts[index - 1] as number,
      histogramTimestamps[index - 1] as number,
      starts[index] as number,
      histogramTimestamps[index] as number,
    );
  return byStart || detectReset(current, before);
}

function overlapBetween({ histogramTimestamps, series }: RangeCursor, index: number): boolean {
  const starts = series.histogramStartTimestamps;
  if (starts === undefined) return false;
  return startOverlaps(starts[index - 1] as number, histogramTimestamps[index - 1] as number, starts[index] as number);
}
