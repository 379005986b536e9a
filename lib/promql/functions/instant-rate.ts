import type { FloatHistogram } from '../float-histogram.ts';
import type { FunctionImplementation } from '../function-call.ts';
import { asGauge, divideHistogram, subtractHistograms } from '../histogram/arithmetic.ts';
import { compactHistogram } from '../histogram/compact.ts';
import { detectReset } from '../histogram/detect-reset.ts';
import { warnMixedWindow, warnNotCounter, warnNotGauge } from './annotate.ts';
import { combineOrWarn } from './histogram-increase.ts';
import { mapRange, type RangeCursor } from './range-series.ts';
import { isStartReset } from './start-timestamps.ts';

/** The change between the last two samples of a window: per second for counters, as it is for gauges. */
export const INSTANT_RATE_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<
  string,
  FunctionImplementation
>([
  ['idelta', lastChange(false)],
  ['irate', lastChange(true)],
]);

function lastChange(isRate: boolean): FunctionImplementation {
  return (call) =>
    mapRange(call, 0, () => (cursor, step) => {
      const { floatWindow, histogramWindow } = cursor;
      if (floatWindow.size + histogramWindow.size < 2) return;
      const histogramsAmongLast = countHistogramsAmongLastTwo(cursor);
      if (histogramsAmongLast === 0) floatChange(cursor, step, isRate);
      else if (histogramsAmongLast === 2) histogramChange(cursor, step, isRate);
      else warnMixedWindow(cursor);
    });
}

/** Of the two newest samples of either kind. */
function countHistogramsAmongLastTwo({
  floatWindow,
  histogramWindow,
  series,
  histogramTimestamps,
}: RangeCursor): number {
  let float = floatWindow.last - 1;
  let histogram = histogramWindow.last - 1;
  let count = 0;
  for (let taken = 0; taken < 2; taken++) {
    const floatTime = float >= floatWindow.first ? (series.timestamps[float] as number) : Number.NEGATIVE_INFINITY;
    const hasHistogram = histogram >= histogramWindow.first;
    if (hasHistogram && (histogramTimestamps[histogram] as number) >= floatTime) {
      histogram--;
      count++;
    } else float--;
  }
  return count;
}

function floatChange({ series, floatWindow, column }: RangeCursor, step: number, isRate: boolean): void {
  const { timestamps, floats, startTimestamps } = series;
  const [last, before] = [floatWindow.last - 1, floatWindow.last - 2];
  const [value, previous] = [floats[last] as number, floats[before] as number];
  const interval = (timestamps[last] as number) - (timestamps[before] as number);
  const reset = isRate && (value < previous || startReset(startTimestamps, timestamps, last));
  const change = reset ? value : value - previous;
  column.setFloat(step, isRate ? change / (interval / 1000) : change);
}

function histogramChange(cursor: RangeCursor, step: number, isRate: boolean): void {
  const { histograms, histogramTimestamps, histogramWindow, series, column } = cursor;
  const last = histogramWindow.last - 1;
  const [current, previous] = [histograms[last], histograms[last - 1]];
  if (current === undefined || previous === undefined) throw new Error('BUG: a change needs two histograms');
  const gauges = Number(current.resetHint === 'gauge') + Number(previous.resetHint === 'gauge');
  if (isRate && gauges > 0) warnNotCounter(cursor);
  if (!isRate && gauges < 2) warnNotGauge(cursor);
  const reset =
    isRate &&
    (startReset(series.histogramStartTimestamps, histogramTimestamps, last) || detectReset(current, previous));
  const change: FloatHistogram | undefined = reset
    ? current
    : combineOrWarn(cursor, 'subtraction', current, previous, subtractHistograms);
  if (change === undefined) return;
  const gauge = asGauge(compactHistogram(change));
  const interval = (histogramTimestamps[last] as number) - (histogramTimestamps[last - 1] as number);
  column.setHistogram(step, isRate ? divideHistogram(gauge, interval / 1000) : gauge);
}

function startReset(starts: Float64Array | undefined, timestamps: Float64Array, index: number): boolean {
  if (starts === undefined) return false;
  return isStartReset(
    starts[index - 1] as number,
    timestamps[index - 1] as number,
    starts[index] as number,
    timestamps[index] as number,
  );
}
