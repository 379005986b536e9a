import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { compensate } from '../histogram/kahan-sum.ts';
import type { VectorValue } from '../value.ts';
import { informHistogramsIgnored, warnInvalidQuantile } from './annotate.ts';
import { argumentPosition, scalarArgument } from './arguments.ts';
import { quantileOfFloats } from './quantile-of-floats.ts';
import { mapRange } from './range-series.ts';

/** Reduces `values[first … last-1]`, never empty, at a step. */
type WindowStatistic = (values: Float64Array, first: number, last: number, step: number) => number;

/** How the floats of a window spread; histograms beside them are ignored with an info. */
export const SPREAD_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['mad_over_time', (call) => statistic(call, 0, medianAbsoluteDeviation)],
  ['quantile_over_time', quantileOverTime],
  ['stddev_over_time', (call) => statistic(call, 0, (values, first, last) => Math.sqrt(variance(values, first, last)))],
  ['stdvar_over_time', (call) => statistic(call, 0, variance)],
]);

function statistic(call: FunctionCall, index: number, reduce: WindowStatistic): VectorValue {
  return mapRange(call, index, () => (cursor, step) => {
    const { floatWindow, column, series } = cursor;
    if (floatWindow.size === 0) return;
    informHistogramsIgnored(cursor);
    column.setFloat(step, reduce(series.floats, floatWindow.first, floatWindow.last, step));
  });
}

function quantileOverTime(call: FunctionCall): VectorValue {
  const quantiles = scalarArgument(call, 0);
  const position = argumentPosition(call, 0);
  return statistic(call, 1, (values, first, last, step) => {
    const q = quantiles[step] as number;
    warnInvalidQuantile(call, q, position);
    return quantileOfFloats(q, values, first, last);
  });
}

/** Welford's algorithm with compensated sums, as Prometheus computes it. */
function variance(values: Float64Array, first: number, last: number): number {
  let [mean, meanCompensation] = [0, 0];
  let [squares, squaresCompensation] = [0, 0];
  for (let i = first; i < last; i++) {
    const value = values[i] as number;
    const delta = value - (mean + meanCompensation);
    const step = delta / (i - first + 1);
    const nextMean = mean + step;
    meanCompensation = compensate(meanCompensation, mean, step, nextMean);
    mean = nextMean;
    const square = delta * (value - (mean + meanCompensation));
    const nextSquares = squares + square;
    squaresCompensation = compensate(squaresCompensation, squares, square, nextSquares);
    squares = nextSquares;
  }
  return (squares + squaresCompensation) / (last - first);
}

let deviations = new Float64Array(64);

/** NaN among the values makes the median, and so the deviation, NaN. */
function medianAbsoluteDeviation(values: Float64Array, first: number, last: number): number {
  const size = last - first;
  if (deviations.length < size) deviations = new Float64Array(2 * size);
  const median = quantileOfFloats(0.5, values, first, last);
  for (let i = 0; i < size; i++) {
    const value = values[first + i] as number;
    if (Number.isNaN(value)) return Number.NaN;
    deviations[i] = Math.abs(value - median);
  }
  return quantileOfFloats(0.5, deviations, 0, size);
}
