import { Labels } from '../../model/labels.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { FLOAT, type ScalarValue, type VectorValue } from '../value.ts';
import { scalarArgument, vectorArgument } from './arguments.ts';
import { Column, isPresent } from './column.ts';
import { mapSeries } from './map-vector.ts';

/** Scalars, their conversions, and times. */
export const SCALAR_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['end', (call: FunctionCall) => constant(call, queryTimes(call).end / 1000)],
  ['pi', (call: FunctionCall) => constant(call, Math.PI)],
  ['range', (call: FunctionCall) => constant(call, (queryTimes(call).end - queryTimes(call).start) / 1000)],
  ['scalar', scalar],
  ['start', (call: FunctionCall) => constant(call, queryTimes(call).start / 1000)],
  ['start_timestamp', startTimestamp],
  ['step', (call: FunctionCall) => constant(call, queryTimes(call).step / 1000)],
  ['time', time],
  ['timestamp', timestamp],
  ['vector', vector],
]);

function constant({ grid }: FunctionCall, value: number): ScalarValue {
  return { kind: 'scalar', values: new Float64Array(grid.length).fill(value) };
}

function queryTimes({ grid, queryTimes }: FunctionCall): { start: number; end: number; step: number } {
  return queryTimes ?? { start: grid.start, end: grid.end, step: grid.length > 1 ? grid.step : 0 };
}

function time({ grid }: FunctionCall): ScalarValue {
  return { kind: 'scalar', values: Float64Array.from({ length: grid.length }, (_, i) => evaluationTime(grid, i)) };
}

function evaluationTime(grid: { start: number; step: number }, step: number): number {
  return (grid.start + step * grid.step) / 1000;
}

/** The only float of each step; NaN where there is none or more than one. Histograms do not count. */
function scalar(call: FunctionCall): ScalarValue {
  const values = new Float64Array(call.grid.length).fill(Number.NaN);
  const found = new Uint8Array(call.grid.length);
  for (const { kinds, floats } of vectorArgument(call, 0).series) {
    for (let step = 0; step < kinds.length; step++) {
      if (kinds[step] !== FLOAT) continue;
      values[step] = found[step] === 0 ? (floats[step] as number) : Number.NaN;
      found[step] = 1;
    }
  }
  return { kind: 'scalar', values };
}

function vector(call: FunctionCall): VectorValue {
  const values = scalarArgument(call, 0);
  const column = new Column(call.grid.length);
  for (let step = 0; step < values.length; step++) column.setFloat(step, values[step] as number);
  return { kind: 'vector', series: column.toSeries(Labels.empty, false) };
}

/** The time of each sample where the argument is a plain selector, else the evaluation time; in seconds. */
function timestamp(call: FunctionCall): VectorValue {
  return mapSeries(call, 0, (series, column) => {
    const times = series.sampleTimestamps;
    for (let step = 0; step < series.kinds.length; step++) {
      if (!isPresent(series, step)) continue;
      column.setFloat(step, times === undefined ? evaluationTime(call.grid, step) : (times[step] as number) / 1000);
    }
  });
}

/** The start timestamp of each sample in seconds, 0 where unset; nothing where the argument is not a plain selector. */
function startTimestamp(call: FunctionCall): VectorValue {
  return mapSeries(call, 0, (series, column) => {
    const times = series.startTimestamps;
    if (times === undefined) return;
    for (let step = 0; step < series.kinds.length; step++) {
      if (isPresent(series, step)) column.setFloat(step, (times[step] as number) / 1000);
    }
  });
}
