import type { FloatColumn, HistogramColumn } from '../interface.ts';
import type { SeriesColumns } from '../series-builder.ts';
import { alignDown } from './keys.ts';
import { sliceColumn } from './sample-kind.ts';

/** Cuts the samples of one series at the multiples of `width` ms; parts by their start. */
export function cutColumns({ floats, histograms }: SeriesColumns, width: number): ReadonlyMap<number, SeriesColumns> {
  const parts = new Map<number, SeriesColumns>();
  for (const [start, begin, end] of cuts(floats.timestamps, width)) {
    const isAll = begin === 0 && end === floats.timestamps.length;
    parts.set(start, { floats: isAll ? floats : sliceColumn(floats, begin, end) });
  }
  if (histograms === undefined) return parts;
  for (const [start, begin, end] of cuts(histograms.timestamps, width)) {
    const part = parts.get(start) ?? { floats: NO_FLOATS };
    parts.set(start, { ...part, histograms: sliceHistograms(histograms, begin, end) });
  }
  return parts;
}

const NO_FLOATS: FloatColumn = { timestamps: new Float64Array(0), values: new Float64Array(0) };

function sliceHistograms({ timestamps, histograms }: HistogramColumn, begin: number, end: number): HistogramColumn {
  return { timestamps: timestamps.subarray(begin, end), histograms: histograms.slice(begin, end) };
}

/** Where ascending timestamps pass a multiple of `width`: start of the part, and its indexes. */
function* cuts(
  timestamps: Float64Array,
  width: number,
): Generator<readonly [start: number, begin: number, end: number]> {
  for (let begin = 0, end = 0; begin < timestamps.length; begin = end) {
    const start = alignDown(timestamps[begin] as number, width);
    while (end < timestamps.length && (timestamps[end] as number) < start + width) end++;
    yield [start, begin, end];
  }
}
