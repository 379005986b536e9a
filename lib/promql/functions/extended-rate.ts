import { warnMixedWindow } from './annotate.ts';
import { extendedHistogramRate } from './extended-histogram-rate.ts';
import { ExtendedWindow } from './extended-window.ts';
import type { RangeCursor, StepEvaluation } from './range-series.ts';
import type { RateKind } from './rate.ts';

/**
 * Rates of `anchored` and `smoothed` selectors: no extrapolation, but values at the boundaries of the range - the
 * sample before (`anchored`), or a line through the samples around (`smoothed`).
 */
export function extendedRate(cursor: RangeCursor, kind: RateKind): StepEvaluation {
  const smoothed = cursor.matrix.extension === 'smoothed';
  const ofFloats = extendedFloatRate(cursor, kind, smoothed);
  const ofHistograms = extendedHistogramRate(cursor, kind, smoothed);
  return (_, step, start, end) => {
    if (warnMixedWindow(cursor)) return;
    if (cursor.floatWindow.size > 0) ofFloats(cursor, step, start, end);
    else ofHistograms(cursor, step, start, end);
  };
}

function extendedFloatRate(cursor: RangeCursor, kind: RateKind, smoothed: boolean): StepEvaluation {
  const { timestamps, floats } = cursor.series;
  const window = new ExtendedWindow(timestamps, smoothed);
  const valueAt = (index: number, time: number) => interpolate(timestamps, floats, index, time, kind.isCounter);
  return (_, step, start, end) => {
    if (!window.settle(cursor.floatWindow, start, end)) return;
    const { first, last } = window;
    const [firstTime, lastTime] = [timestamps[first] as number, timestamps[last] as number];
    const left = smoothed && firstTime < start ? valueAt(first, start) : (floats[first] as number);
    const right =
      smoothed && last > cursor.floatWindow.first && lastTime > end ? valueAt(last - 1, end) : (floats[last] as number);
    let change = right - left;
    if (kind.isCounter) {
      // Resets at the boundaries are part of the values there.
      const from = firstTime <= start ? first + 1 : first;
      const to = lastTime >= end ? last - 1 : last;
      change += lostAtResets(floats, from, to, left, right);
    }
    cursor.column.setFloat(step, kind.isRate ? change / (cursor.matrix.range / 1000) : change);
  };
}

/** The value at `time` on the line from sample `index` to the next; a counter that fell restarted from zero. */
function interpolate(
  timestamps: Float64Array,
  floats: Float64Array,
  index: number,
  time: number,
  isCounter: boolean,
): number {
  const after = floats[index + 1] as number;
  const sample = floats[index] as number;
  const before = isCounter && after < sample ? 0 : sample;
  const since = timestamps[index] as number;
  return before + ((after - before) * (time - since)) / ((timestamps[index + 1] as number) - since);
}

/** The values before each reset on the way from `left` over samples `from … to` to `right`. */
function lostAtResets(floats: Float64Array, from: number, to: number, left: number, right: number): number {
  let lost = 0;
  let previous = left;
  for (let i = from; i <= to; i++) {
    const value = floats[i] as number;
    if (value < previous) lost += previous;
    previous = value;
  }
  return right < previous ? lost + previous : lost;
}
