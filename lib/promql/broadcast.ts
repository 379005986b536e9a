import type { FloatHistogram } from './float-histogram.ts';
import type { Value, VectorSeries } from './value.ts';

/** Repeats the value of a grid of one step over `length` steps. */
export function broadcast(value: Value, length: number): Value {
  switch (value.kind) {
    case 'string':
    case 'matrix':
      return value;
    case 'scalar':
      return { kind: 'scalar', values: new Float64Array(length).fill(value.values[0] as number) };
    case 'vector':
      return { ...value, series: value.series.map((series) => broadcastSeries(series, length)) };
  }
}

function broadcastSeries(series: VectorSeries, length: number): VectorSeries {
  const { labels, dropName, kinds, floats, histograms, sampleTimestamps, startTimestamps } = series;
  const repeat = (values: Float64Array) => new Float64Array(length).fill(values[0] as number);
  return {
    labels,
    dropName,
    kinds: new Uint8Array(length).fill(kinds[0] as number),
    floats: repeat(floats),
    ...(histograms && { histograms: new Array<FloatHistogram | undefined>(length).fill(histograms[0]) }),
    ...(sampleTimestamps && { sampleTimestamps: repeat(sampleTimestamps) }),
    ...(startTimestamps && { startTimestamps: repeat(startTimestamps) }),
  };
}
