import type { FloatColumn, HistogramColumn, Series } from './interface.ts';

/** The part of a series that lies in [mint, maxt], sharing its memory; undefined where nothing does. */
export function sliceSeries(series: Series, mint: number, maxt: number): Series | undefined {
  const floats = sliceFloats(series.floats, mint, maxt);
  const histograms = series.histograms && sliceHistograms(series.histograms, mint, maxt);
  const { labels } = series;
  if (histograms !== undefined && histograms.timestamps.length > 0) return { labels, floats, histograms };
  return floats.timestamps.length > 0 ? { labels, floats } : undefined;
}

function sliceFloats(column: FloatColumn, mint: number, maxt: number): FloatColumn {
  const { timestamps, values, startTimestamps } = column;
  const begin = lowerBound(timestamps, mint);
  const end = lowerBound(timestamps, maxt + 1);
  if (begin === 0 && end === timestamps.length) return column;
  return {
    timestamps: timestamps.subarray(begin, end),
    values: values.subarray(begin, end),
    ...(startTimestamps && { startTimestamps: startTimestamps.subarray(begin, end) }),
  };
}

function sliceHistograms({ timestamps, histograms }: HistogramColumn, mint: number, maxt: number): HistogramColumn {
  const begin = lowerBound(timestamps, mint);
  const end = lowerBound(timestamps, maxt + 1);
  return { timestamps: timestamps.subarray(begin, end), histograms: histograms.slice(begin, end) };
}

/** Index of the first of the ascending numbers that is >= `bound`. */
function lowerBound(numbers: Float64Array, bound: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
