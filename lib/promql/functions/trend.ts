import { ExecutionError } from '../errors.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { compensate } from '../histogram/kahan-sum.ts';
import type { VectorValue } from '../value.ts';
import { informHistogramsIgnored } from './annotate.ts';
import { scalarArgument } from './arguments.ts';
import { mapRange, type RangeCursor } from './range-series.ts';

/** Lines and curves laid through the floats of a window. */
export const TREND_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['deriv', (call) => trend(call, deriv)],
  ['double_exponential_smoothing', doubleExponentialSmoothing],
  ['predict_linear', predictLinear],
]);

/** Needs two floats in the window. */
function trend(call: FunctionCall, reduce: (cursor: RangeCursor, step: number) => number): VectorValue {
  return mapRange(call, 0, () => (cursor, step) => {
    if (cursor.floatWindow.size === 0) return;
    informHistogramsIgnored(cursor);
    if (cursor.floatWindow.size >= 2) cursor.column.setFloat(step, reduce(cursor, step));
  });
}

/** Measured from the first sample, so that large timestamps cost no precision. */
function deriv(cursor: RangeCursor): number {
  return linearRegression(cursor, cursor.series.timestamps[cursor.floatWindow.first] as number).slope;
}

function predictLinear(call: FunctionCall): VectorValue {
  const ahead = scalarArgument(call, 1);
  const { grid } = call;
  return trend(call, (cursor, step) => {
    const { slope, intercept } = linearRegression(cursor, grid.start + step * grid.step);
    return slope * (ahead[step] as number) + intercept;
  });
}

interface Line {
  /** Per second. */
  slope: number;
  /** The value at the time the regression was asked for. */
  intercept: number;
}

const line: Line = { slope: 0, intercept: 0 };

/** Least squares over the window's floats; the result is valid until the next call. */
function linearRegression({ series, floatWindow: { first, last } }: RangeCursor, originTime: number): Line {
  const { timestamps, floats } = series;
  const start = floats[first] as number;
  let constant = true;
  let [sumX, sumY, sumXY, sumXX] = [0, 0, 0, 0];
  let [lostX, lostY, lostXY, lostXX] = [0, 0, 0, 0];
  for (let i = first; i < last; i++) {
    const x = ((timestamps[i] as number) - originTime) / 1000;
    const y = floats[i] as number;
    if (i > first && y !== start) constant = false;
    lostX = compensate(lostX, sumX, x, sumX + x);
    sumX += x;
    lostY = compensate(lostY, sumY, y, sumY + y);
    sumY += y;
    const [xy, xx] = [x * y, x * x];
    lostXY = compensate(lostXY, sumXY, xy, sumXY + xy);
    sumXY += xy;
    lostXX = compensate(lostXX, sumXX, xx, sumXX + xx);
    sumXX += xx;
  }
  // A constant infinity has no slope.
  if (constant) return Number.isFinite(start) ? setLine(0, start) : setLine(Number.NaN, Number.NaN);
  return fitLine(last - first, sumX + lostX, sumY + lostY, sumXY + lostXY, sumXX + lostXX);
}

function fitLine(count: number, sumX: number, sumY: number, sumXY: number, sumXX: number): Line {
  const covariance = sumXY - (sumX * sumY) / count;
  const variance = sumXX - (sumX * sumX) / count;
  const slope = covariance / variance;
  return setLine(slope, sumY / count - (slope * sumX) / count);
}

function setLine(slope: number, intercept: number): Line {
  line.slope = slope;
  line.intercept = intercept;
  return line;
}

/** @throws ExecutionError for a factor outside (0, 1), once a series has samples. */
function doubleExponentialSmoothing(call: FunctionCall): VectorValue {
  const smoothing = scalarArgument(call, 1);
  const trending = scalarArgument(call, 2);
  return mapRange(call, 0, () => (cursor, step) => {
    const levelFactor = checkFactor('smoothing factor', 'sf', smoothing[step] as number);
    const trendFactor = checkFactor('trend factor', 'tf', trending[step] as number);
    if (cursor.floatWindow.size === 0) return;
    informHistogramsIgnored(cursor);
    if (cursor.floatWindow.size >= 2) cursor.column.setFloat(step, smooth(cursor, levelFactor, trendFactor));
  });
}

function smooth({ series, floatWindow }: RangeCursor, levelFactor: number, trendFactor: number): number {
  const { floats } = series;
  const { first, last } = floatWindow;
  let previous = 0;
  let level = floats[first] as number;
  let slope = (floats[first + 1] as number) - level;
  for (let i = first + 1; i < last; i++) {
    if (i > first + 1) slope = trendFactor * (level - previous) + (1 - trendFactor) * slope;
    const next = levelFactor * (floats[i] as number) + (1 - levelFactor) * (level + slope);
    previous = level;
    level = next;
  }
  return level;
}

function checkFactor(name: string, symbol: string, factor: number): number {
  if (factor <= 0 || factor >= 1) {
    throw new ExecutionError(`invalid ${name}. Expected: 0 < ${symbol} < 1, got: ${factor.toFixed(6)}`);
  }
  return factor;
}
