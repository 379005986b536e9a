import { Labels, METRIC_NAME } from '../../model/labels.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import type { VectorValue } from '../value.ts';
import { matrixArgument, vectorArgument } from './arguments.ts';
import { Column, isPresent } from './column.ts';
import { Window } from './window.ts';

/** 1 at the steps where nothing is found, with the labels that the selector names by equality. */
export const ABSENT_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['absent', absent],
  ['absent_over_time', absentOverTime],
]);

function absent(call: FunctionCall): VectorValue {
  const found = new Uint8Array(call.grid.length);
  for (const series of vectorArgument(call, 0).series) {
    for (let step = 0; step < found.length; step++) if (isPresent(series, step)) found[step] = 1;
  }
  return onesWhereMissing(call, found);
}

function absentOverTime(call: FunctionCall): VectorValue {
  const { series, ends, range } = matrixArgument(call, 0);
  const found = new Uint8Array(call.grid.length);
  for (const { timestamps, histogramTimestamps } of series) {
    for (const times of [timestamps, histogramTimestamps]) {
      if (times === undefined) continue;
      const window = new Window(times);
      for (let step = 0; step < found.length; step++) {
        const end = ends[step] as number;
        window.moveTo(end - range, end);
        if (window.size > 0) found[step] = 1;
      }
    }
  }
  return onesWhereMissing(call, found);
}

function onesWhereMissing(call: FunctionCall, found: Uint8Array): VectorValue {
  const column = new Column(found.length);
  for (let step = 0; step < found.length; step++) if (found[step] === 0) column.setFloat(step, 1);
  return { kind: 'vector', series: column.toSeries(matchedLabels(call), false) };
}

/** Labels that exactly one equality matcher names; one that several matchers name is left out, as ever in Prometheus. */
function matchedLabels(call: FunctionCall): Labels {
  const values = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, type, value } of call.argMatchers?.[0] ?? []) {
    if (name === METRIC_NAME) continue;
    if (type === '=' && !seen.has(name)) values.set(name, value);
    else values.delete(name);
    if (type === '=') seen.add(name);
  }
  return Labels.fromMap(values);
}
