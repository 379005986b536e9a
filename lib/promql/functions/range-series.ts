import type { PositionRange } from '../annotations.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import type { FunctionCall } from '../function-call.ts';
import type { MatrixValue, RangeSeries, VectorSeries, VectorValue } from '../value.ts';
import { argumentPosition, matrixArgument } from './arguments.ts';
import { type Column, ColumnBlock } from './column.ts';
import { Window } from './window.ts';

/** How far an extended selector looks where the engine does not say: Prometheus's default lookback delta, ms. */
export const DEFAULT_LOOKBACK = 300_000;

/** One series of a range vector, with the windows of the step at hand. */
export interface RangeCursor {
  readonly call: FunctionCall;
  readonly matrix: MatrixValue;
  readonly series: RangeSeries;
  readonly position: PositionRange;
  readonly histograms: readonly FloatHistogram[];
  readonly histogramTimestamps: Float64Array;
  /** Float samples of the step's window. */
  readonly floatWindow: Window;
  /** Histogram samples of the step's window. */
  readonly histogramWindow: Window;
  /** The result. */
  readonly column: Column;
}

/** Evaluates one step: the windows stand, `column` takes the result. */
export type StepEvaluation = (cursor: RangeCursor, step: number, start: number, end: number) => void;

const NO_TIMES = new Float64Array(0);

/**
 * Slides over every series of range-vector argument `index` and evaluates each step that has samples in its window.
 * `start` and `end` are the bounds of the selector's range; the windows of extended selectors reach beyond them.
 */
export function mapRange(
  call: FunctionCall,
  index: number,
  prepare: (cursor: RangeCursor) => StepEvaluation,
  keepName = false,
): VectorValue {
  const matrix = matrixArgument(call, index);
  return mapColumns(call, matrix, (series, column) => slide(call, index, matrix, series, column, prepare), keepName);
}

/** Makes one column of each series of a range vector, whichever way `fill` likes. */
export function mapColumns(
  call: FunctionCall,
  matrix: MatrixValue,
  fill: (series: RangeSeries, column: Column) => void,
  keepName = false,
): VectorValue {
  const columns = new ColumnBlock(matrix.series.length, call.grid.length);
  const filled: VectorSeries[] = [];
  for (const series of matrix.series) {
    const column = columns.next();
    fill(series, column);
    const result = column.series(series.labels, keepName ? series.dropName : true);
    if (result !== undefined) filled.push(result);
  }
  return { kind: 'vector', series: filled };
}

/** Fills the column of one series step by step, as `mapRange` does. */
export function slide(
  call: FunctionCall,
  index: number,
  matrix: MatrixValue,
  series: RangeSeries,
  column: Column,
  prepare: (cursor: RangeCursor) => StepEvaluation,
): void {
  const lookback = matrix.extension === undefined ? 0 : (matrix.lookbackDelta ?? DEFAULT_LOOKBACK);
  const lookahead = matrix.extension === 'smoothed' ? lookback : 0;
  const cursor = cursorOver(call, index, matrix, series, column);
  const { floatWindow, histogramWindow, histogramTimestamps } = cursor;
  const evaluate = prepare(cursor);
  for (let step = 0; step < call.grid.length; step++) {
    const end = matrix.ends[step] as number;
    const start = end - matrix.range;
    floatWindow.moveTo(start - lookback, end + lookahead);
    if (histogramTimestamps.length > 0) histogramWindow.moveTo(start - lookback, end + lookahead);
    if (floatWindow.size + histogramWindow.size > 0) evaluate(cursor, step, start, end);
  }
}

function cursorOver(
  call: FunctionCall,
  index: number,
  matrix: MatrixValue,
  series: RangeSeries,
  column: Column,
): RangeCursor {
  const histogramTimestamps = series.histogramTimestamps ?? NO_TIMES;
  return {
    call,
    matrix,
    series,
    position: argumentPosition(call, index),
    histograms: series.histograms ?? [],
    histogramTimestamps,
    floatWindow: new Window(series.timestamps),
    histogramWindow: new Window(histogramTimestamps),
    column,
  };
}
