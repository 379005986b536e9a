import type { FloatHistogram } from '../float-histogram.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import { FLOAT, HISTOGRAM, type VectorSeries, type VectorValue } from '../value.ts';
import { vectorArgument } from './arguments.ts';
import { Column, histogramAt } from './column.ts';

/** A function that maps every float of its first argument and leaves histograms out. */
export function floatFunction(map: (value: number) => number): FunctionImplementation {
  return (call) => mapFloats(call, 0, map);
}

/** Maps every float of vector argument `index`; names are dropped. */
export function mapFloats(
  call: FunctionCall,
  index: number,
  map: (value: number, step: number) => number,
): VectorValue {
  return mapSeries(call, index, ({ kinds, floats }, column) => {
    for (let step = 0; step < kinds.length; step++) {
      if (kinds[step] === FLOAT) column.setFloat(step, map(floats[step] as number, step));
    }
  });
}

/** A function that maps every histogram of its argument to a float and leaves floats out. */
export function histogramFunction(map: (histogram: FloatHistogram) => number): FunctionImplementation {
  return (call) =>
    mapSeries(call, 0, (series, column) => {
      for (let step = 0; step < series.kinds.length; step++) {
        if (series.kinds[step] === HISTOGRAM) column.setFloat(step, map(histogramAt(series, step)));
      }
    });
}

/** Fills one column for each series of vector argument `index`; names are dropped. */
export function mapSeries(
  call: FunctionCall,
  index: number,
  fill: (series: VectorSeries, column: Column) => void,
): VectorValue {
  const series = vectorArgument(call, index).series.flatMap((one) => {
    const column = new Column(call.grid.length);
    fill(one, column);
    return column.toSeries(one.labels, true);
  });
  return { kind: 'vector', series };
}
