import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { addHistograms, multiplyHistogram } from '../histogram/arithmetic.ts';
import type { MatrixValue, RangeSeries, VectorValue } from '../value.ts';
import { warnMixedWindow, warnStartTimeOverlap } from './annotate.ts';
import { matrixArgument } from './arguments.ts';
import type { Column } from './column.ts';
import { CounterResets } from './counter-resets.ts';
import { extendedRate } from './extended-rate.ts';
import { coverageOf, extrapolationFactor, factorFromStart } from './extrapolation.ts';
import { combineOrWarn, histogramIncrease } from './histogram-increase.ts';
import { informPossibleNonCounters } from './non-counter.ts';
import { mapColumns, type RangeCursor, type StepEvaluation, slide } from './range-series.ts';
import { samplesIn } from './samples-in.ts';
import { Window } from './window.ts';

/** What distinguishes `rate`, `increase` and `delta`. */
export interface RateKind {
  /** Counter resets are made up for. */
  readonly isCounter: boolean;
  /** Per second instead of over the range. */
  readonly isRate: boolean;
}

/** Changes over a range, extrapolated to its boundaries (or, for extended selectors, exact). */
export const RATE_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['delta', (call) => rateOver(call, { isCounter: false, isRate: false })],
  ['increase', (call) => rateOver(call, { isCounter: true, isRate: false })],
  ['rate', (call) => rateOver(call, { isCounter: true, isRate: true })],
]);

function rateOver(call: FunctionCall, kind: RateKind): VectorValue {
  const matrix = matrixArgument(call, 0);
  const prepare = (cursor: RangeCursor) =>
    matrix.extension === undefined ? extrapolatedRate(cursor, kind) : extendedRate(cursor, kind);
  const result = mapColumns(call, matrix, (series, column) => {
    if (matrix.extension === undefined && isPlain(series)) fillPlainRate(column, series, matrix, kind);
    else slide(call, 0, matrix, series, column, prepare);
  });
  if (kind.isCounter) informPossibleNonCounters(call, result.series);
  return result;
}

/** Most series are: floats alone, and no start timestamps to look at. */
function isPlain({ startTimestamps, histograms }: RangeSeries): boolean {
  return startTimestamps === undefined && (histograms === undefined || histograms.length === 0);
}

/** What `extrapolatedRate` gives for a plain series, in one loop over the steps. */
function fillPlainRate(column: Column, series: RangeSeries, { range, ends }: MatrixValue, kind: RateKind): void {
  const { timestamps, floats } = series;
  const resets = kind.isCounter ? new CounterResets(series) : undefined;
  const window = new Window(timestamps);
  for (let step = 0; step < ends.length; step++) {
    const end = ends[step] as number;
    window.moveTo(end - range, end);
    const { first, last } = window;
    if (last - first < 2) continue;
    const increase = increaseOver(floats, resets, first, last);
    const coverage = coverageOf(timestamps, first, last, end - range, end, samplesIn(series, first, last));
    const factor = extrapolationFactor(
      coverage,
      secondsToZero(kind, coverage.sampled, floats[first] as number, increase),
    );
    column.setFloat(step, increase * (kind.isRate ? factor / (range / 1000) : factor));
  }
}

function extrapolatedRate(cursor: RangeCursor, kind: RateKind): StepEvaluation {
  const ofFloats = floatRate(cursor, kind);
  return (_, step, start, end) => {
    if (warnMixedWindow(cursor)) return;
    if (cursor.floatWindow.size > 0) ofFloats(cursor, step, start, end);
    else histogramRate(cursor, kind, step, start, end);
  };
}

function floatRate(cursor: RangeCursor, kind: RateKind): StepEvaluation {
  const { series, floatWindow, column, matrix } = cursor;
  const { timestamps, floats, startTimestamps } = series;
  const resets = kind.isCounter ? new CounterResets(series) : undefined;
  return (_, step, start, end) => {
    const { first, last } = floatWindow;
    const started = kind.isCounter ? startInside(startTimestamps, timestamps, first, start) : 0;
    if (last - first < 2 && started === 0) return;
    const coverage = coverageOf(timestamps, first, last, start, end, samplesIn(series, first, last));
    if (resets?.overlapsIn(first, last)) warnStartTimeOverlap(cursor);
    const firstValue = floats[first] as number;
    let increase = increaseOver(floats, resets, first, last);
    let factor: number;
    if (started !== 0) {
      increase += firstValue;
      factor = factorFromStart(coverage, started, timestamps[last - 1] as number);
    } else factor = extrapolationFactor(coverage, secondsToZero(kind, coverage.sampled, firstValue, increase));
    column.setFloat(step, increase * (kind.isRate ? factor / (matrix.range / 1000) : factor));
  };
}

function increaseOver(floats: Float64Array, resets: CounterResets | undefined, first: number, last: number): number {
  if (resets !== undefined) return resets.increase(first, last);
  return (floats[last - 1] as number) - (floats[first] as number);
}

/** How long before its first sample a counter that rises steadily would have been zero; infinite where that says nothing. */
function secondsToZero({ isCounter }: RateKind, sampled: number, first: number, increase: number): number {
  return isCounter && increase > 0 && first >= 0 ? sampled * (first / increase) : Number.POSITIVE_INFINITY;
}

function histogramRate(cursor: RangeCursor, kind: RateKind, step: number, start: number, end: number): void {
  const { histogramWindow, histogramTimestamps, histograms, series } = cursor;
  const { first, last } = histogramWindow;
  const started = kind.isCounter ? startInside(series.histogramStartTimestamps, histogramTimestamps, first, start) : 0;
  if (last - first < 2 && started === 0) return;
  const earliest = histograms[first];
  let increase = last - first < 2 ? undefined : histogramIncrease(cursor, kind.isCounter);
  if (earliest === undefined || (increase === undefined && last - first >= 2)) return;
  const coverage = coverageOf(histogramTimestamps, first, last, start, end);
  let factor: number;
  if (started !== 0) {
    increase = increase === undefined ? earliest : combineOrWarn(cursor, 'addition', increase, earliest, addHistograms);
    factor = factorFromStart(coverage, started, histogramTimestamps[last - 1] as number);
  } else {
    factor = extrapolationFactor(
      coverage,
      secondsToZero(kind, coverage.sampled, earliest.count, increase?.count ?? Number.NaN),
    );
  }
  if (increase === undefined) return;
  cursor.column.setHistogram(
    step,
    multiplyHistogram(increase, kind.isRate ? factor / (cursor.matrix.range / 1000) : factor),
  );
}

/** The start of the window's first sample where it lies inside the range and before the sample; else 0. */
function startInside(
  starts: Float64Array | undefined,
  timestamps: Float64Array,
  first: number,
  rangeStart: number,
): number {
  const start = starts?.[first] ?? 0;
  return start !== 0 && start > rangeStart && start < (timestamps[first] as number) ? start : 0;
}
