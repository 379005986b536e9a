import type { FloatHistogram } from '../float-histogram.ts';
import { addHistograms, asGauge, divideHistogram, subtractHistograms } from '../histogram/arithmetic.ts';
import { usesCustomBuckets } from '../histogram/bounds.ts';
import { compactHistogram } from '../histogram/compact.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import { IncompatibleHistogramsError } from '../histogram/incompatible.ts';
import { interpolateHistograms } from '../histogram/interpolate.ts';
import { informBoundsReconciled, warnMixedBuckets, warnNotCounter, warnNotGauge } from './annotate.ts';
import { ExtendedWindow } from './extended-window.ts';
import { combineOrWarn } from './histogram-increase.ts';
import type { RangeCursor, StepEvaluation } from './range-series.ts';
import type { RateKind } from './rate.ts';

/** The samples measured between, and the histograms at the two boundaries of the range. */
interface Measure {
  readonly first: number;
  readonly last: number;
  readonly left: FloatHistogram;
  readonly right: FloatHistogram;
  /** The left boundary lies between samples `first` and `first + 1`. */
  readonly leftInterpolated: boolean;
}

/** The rate over an extended selector's histograms, as a gauge histogram. */
export function extendedHistogramRate(cursor: RangeCursor, kind: RateKind, smoothed: boolean): StepEvaluation {
  const window = new ExtendedWindow(cursor.histogramTimestamps, smoothed);
  return (_, step, start, end) => {
    if (!window.settle(cursor.histogramWindow, start, end)) return;
    const { first, last } = window;
    if (!bucketsMatch(cursor, first, last, kind.isCounter)) return;
    const measure = measureBetween(cursor, first, last, start, end, smoothed, kind.isCounter);
    const change = measure && changeOver(cursor, measure, kind.isCounter);
    if (change === undefined) return;
    const perUnit = kind.isRate ? divideHistogram(change, cursor.matrix.range / 1000) : change;
    cursor.column.setHistogram(step, asGauge(compactHistogram(perUnit)));
  };
}

function bucketsMatch(cursor: RangeCursor, first: number, last: number, isCounter: boolean): boolean {
  const samples = cursor.histograms.slice(first, last + 1);
  const custom = samples[0] !== undefined && usesCustomBuckets(samples[0]);
  if (samples.some((sample) => usesCustomBuckets(sample) !== custom)) {
    warnMixedBuckets(cursor);
    return false;
  }
  if (isCounter && samples.some(({ resetHint }) => resetHint === 'gauge')) warnNotCounter(cursor);
  return true;
}

function measureBetween(
  cursor: RangeCursor,
  first: number,
  last: number,
  start: number,
  end: number,
  smoothed: boolean,
  isCounter: boolean,
): Measure | undefined {
  const { histogramTimestamps, histogramWindow } = cursor;
  const leftInterpolated = smoothed && (histogramTimestamps[first] as number) < start;
  const rightInterpolated = smoothed && last > histogramWindow.first && (histogramTimestamps[last] as number) > end;
  const left = leftInterpolated ? histogramBetween(cursor, first, start, isCounter) : sampleAt(cursor, first);
  const right = rightInterpolated ? histogramBetween(cursor, last - 1, end, isCounter) : sampleAt(cursor, last);
  if (left === undefined || right === undefined) return undefined;
  if (!isCounter && (left.resetHint !== 'gauge' || right.resetHint !== 'gauge')) warnNotGauge(cursor);
  return { first, last, left, right, leftInterpolated };
}

function changeOver(cursor: RangeCursor, measure: Measure, isCounter: boolean): FloatHistogram | undefined {
  let change = combineOrWarn(cursor, 'subtraction', measure.right, measure.left, subtractHistograms);
  if (!isCounter) return change;
  for (const lost of lostAtResets(cursor, measure)) {
    if (change === undefined) return undefined;
    change = combineOrWarn(cursor, 'addition', change, lost, addHistograms);
  }
  return change;
}

/** The histograms before each reset on the way from the left boundary to the right one. */
function lostAtResets(cursor: RangeCursor, { first, last, left, right, leftInterpolated }: Measure): FloatHistogram[] {
  let previous = left;
  let next = first + 1;
  if (leftInterpolated && detectReset(sampleAt(cursor, first + 1), sampleAt(cursor, first))) {
    // The interpolation of the left boundary made up for this reset already.
    previous = sampleAt(cursor, first + 1);
    next++;
  }
  // Sample `last` is the right boundary, or what it was interpolated towards.
  if (next > last) return [];
  const lost: FloatHistogram[] = [];
  for (let i = next; i < last; i++) {
    const sample = sampleAt(cursor, i);
    if (detectReset(sample, previous)) lost.push(previous);
    previous = sample;
  }
  if (detectReset(right, previous)) lost.push(previous);
  return lost;
}

function histogramBetween(
  cursor: RangeCursor,
  index: number,
  time: number,
  isCounter: boolean,
): FloatHistogram | undefined {
  const timed = (i: number) => ({
    timestamp: cursor.histogramTimestamps[i] as number,
    histogram: sampleAt(cursor, i),
  });
  try {
    const { histogram, boundsReconciled } = interpolateHistograms(timed(index), timed(index + 1), time, isCounter);
    if (boundsReconciled) informBoundsReconciled(cursor, 'subtraction');
    return histogram;
  } catch (error) {
    if (!(error instanceof IncompatibleHistogramsError)) throw error;
    warnMixedBuckets(cursor);
    return undefined;
  }
}

function sampleAt({ histograms, series }: RangeCursor, index: number): FloatHistogram {
  const histogram = histograms[index];
  if (histogram === undefined) throw new Error(`BUG: ${series.labels} has no histogram ${index}`);
  return histogram;
}
