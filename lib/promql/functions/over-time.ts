import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import type { VectorValue } from '../value.ts';
import { mapRange, type RangeCursor, type StepEvaluation } from './range-series.ts';
import { samplesIn } from './samples-in.ts';

/** Functions that need the number of samples in a window or one of its ends, not their values. */
export const OVER_TIME_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>(
  [
    [
      'count_over_time',
      overTime(({ column, series, floatWindow, histogramWindow }, step) => {
        column.setFloat(step, samplesIn(series, floatWindow.first, floatWindow.last) + histogramWindow.size);
      }),
    ],
    ['first_over_time', overTime(first, true)],
    ['last_over_time', overTime(last, true)],
    ['present_over_time', overTime(({ column }, step) => column.setFloat(step, 1))],
    [
      'ts_of_first_over_time',
      overTime((cursor, step) => {
        cursor.column.setFloat(step, Math.min(firstFloatTime(cursor), firstHistogramTime(cursor)) / 1000);
      }),
    ],
    [
      'ts_of_last_over_time',
      overTime((cursor, step) => {
        cursor.column.setFloat(step, Math.max(lastFloatTime(cursor), lastHistogramTime(cursor)) / 1000);
      }),
    ],
  ],
);

function overTime(evaluate: StepEvaluation, keepName = false): FunctionImplementation {
  return (call: FunctionCall): VectorValue => mapRange(call, 0, () => evaluate, keepName);
}

/** Of a float and a histogram at the same time the histogram is taken. */
function first(cursor: RangeCursor, step: number): void {
  if (firstFloatTime(cursor) < firstHistogramTime(cursor)) setFloat(cursor, step, cursor.floatWindow.first);
  else setHistogram(cursor, step, cursor.histogramWindow.first);
}

function last(cursor: RangeCursor, step: number): void {
  if (lastFloatTime(cursor) > lastHistogramTime(cursor)) setFloat(cursor, step, cursor.floatWindow.last - 1);
  else setHistogram(cursor, step, cursor.histogramWindow.last - 1);
}

function setFloat({ column, series }: RangeCursor, step: number, sample: number): void {
  column.setFloat(step, series.floats[sample] as number);
}

function setHistogram({ column, histograms }: RangeCursor, step: number, sample: number): void {
  const histogram = histograms[sample];
  if (histogram !== undefined) column.setHistogram(step, histogram);
}

/** Where a window is empty the times below lie beyond every other. */
function firstFloatTime({ floatWindow, series }: RangeCursor): number {
  return floatWindow.size === 0 ? Number.POSITIVE_INFINITY : (series.timestamps[floatWindow.first] as number);
}

function firstHistogramTime({ histogramWindow, histogramTimestamps }: RangeCursor): number {
  return histogramWindow.size === 0 ? Number.POSITIVE_INFINITY : (histogramTimestamps[histogramWindow.first] as number);
}

function lastFloatTime({ floatWindow, series }: RangeCursor): number {
  return floatWindow.size === 0 ? Number.NEGATIVE_INFINITY : (series.timestamps[floatWindow.last - 1] as number);
}

function lastHistogramTime({ histogramWindow, histogramTimestamps }: RangeCursor): number {
  if (histogramWindow.size === 0) return Number.NEGATIVE_INFINITY;
  return histogramTimestamps[histogramWindow.last - 1] as number;
}
