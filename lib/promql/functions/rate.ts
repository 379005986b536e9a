import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { addHistograms, multiplyHistogram } from '../histogram/arithmetic.ts';
import type { VectorSeries, VectorValue } from '../value.ts';
import { warnMixedWindow, warnStartTimeOverlap } from './annotate.ts';
import { matrixArgument } from './arguments.ts';
import { CounterResets } from './counter-resets.ts';
import { extendedRate } from './extended-rate.ts';
import { type Coverage, extrapolationFactor, factorFromStart } from './extrapolation.ts';
import { combineOrWarn, histogramIncrease } from './histogram-increase.ts';
import { informPossibleNonCounters } from './non-counter.ts';
import { mapRange, type RangeCursor, type StepEvaluation } from './range-series.ts';

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
  const extended = matrixArgument(call, 0).extension !== undefined;
  const result = mapRange(call, 0, (cursor) =>
    extended ? extendedRate(cursor, kind) : extrapolatedRate(cursor, kind),
  );
  if (kind.isCounter) informPossibleNonCounters(call, result.series.filter(hasFloats));
  return result;
}

function hasFloats({ kinds }: VectorSeries): boolean {
  return kinds.includes(1);
}

function extrapolatedRate(cursor: RangeCursor, kind: RateKind): StepEvaluation {
  const ofFloats = floatRate(cursor, kind);
  return (_, step, start, end) => {
    if (warnMixedWindow(cursor)) return;
    if (cursor.floatWindow.size > 0) ofFloats(cursor, step, start, end);
    else histogramRate(cursor, kind, step, start, end);
  };
}

function floatRate(cursor: RangeCursor, { isCounter, isRate }: RateKind): StepEvaluation {
  const { series, floatWindow, column, matrix } = cursor;
  const { timestamps, floats, startTimestamps } = series;
  const resets = isCounter ? new CounterResets(series) : undefined;
  const coverage: Coverage = { toStart: 0, toEnd: 0, sampled: 0, average: 0 };
  return (_, step, start, end) => {
    const { first, last } = floatWindow;
    const started = isCounter ? startInside(startTimestamps, timestamps, first, start) : 0;
    if (last - first < 2 && started === 0) return;
    measure(coverage, timestamps, first, last, start, end);
    if (resets?.overlapsIn(first, last)) warnStartTimeOverlap(cursor);
    const firstValue = floats[first] as number;
    let increase = resets?.increase(first, last) ?? (floats[last - 1] as number) - firstValue;
    let factor: number;
    if (started !== 0) {
      increase += firstValue;
      coverage.sampled = ((timestamps[last - 1] as number) - started) / 1000;
      factor = factorFromStart(coverage);
    } else {
      const reachesZero = isCounter && increase > 0 && firstValue >= 0;
      factor = extrapolationFactor(
        coverage,
        reachesZero ? coverage.sampled * (firstValue / increase) : Number.POSITIVE_INFINITY,
      );
    }
    column.setFloat(step, increase * (isRate ? factor / (matrix.range / 1000) : factor));
  };
}

function histogramRate(cursor: RangeCursor, kind: RateKind, step: number, start: number, end: number): void {
  const { histogramWindow, histogramTimestamps, histograms, series } = cursor;
  const { first, last } = histogramWindow;
  const started = kind.isCounter ? startInside(series.histogramStartTimestamps, histogramTimestamps, first, start) : 0;
  if (last - first < 2 && started === 0) return;
  const earliest = histograms[first];
  let increase = last - first < 2 ? undefined : histogramIncrease(cursor, kind.isCounter);
  if (earliest === undefined || (increase === undefined && last - first >= 2)) return;
  const coverage: Coverage = { toStart: 0, toEnd: 0, sampled: 0, average: 0 };
  measure(coverage, histogramTimestamps, first, last, start, end);
  let factor: number;
  if (started !== 0) {
    increase = increase === undefined ? earliest : combineOrWarn(cursor, 'addition', increase, earliest, addHistograms);
    coverage.sampled = ((histogramTimestamps[last - 1] as number) - started) / 1000;
    factor = factorFromStart(coverage);
  } else {
    const reachesZero = kind.isCounter && increase !== undefined && increase.count > 0 && earliest.count >= 0;
    const toZero = reachesZero
      ? coverage.sampled * (earliest.count / (increase?.count ?? 1))
      : Number.POSITIVE_INFINITY;
    factor = extrapolationFactor(coverage, toZero);
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

function measure(
  coverage: Coverage,
  timestamps: Float64Array,
  first: number,
  last: number,
  start: number,
  end: number,
): void {
  const firstTime = timestamps[first] as number;
  const lastTime = timestamps[last - 1] as number;
  coverage.toStart = (firstTime - start) / 1000;
  coverage.toEnd = (end - lastTime) / 1000;
  coverage.sampled = (lastTime - firstTime) / 1000;
  coverage.average = last - first > 1 ? coverage.sampled / (last - first - 1) : 0;
}
