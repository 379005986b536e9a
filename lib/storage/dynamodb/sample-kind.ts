import { encodeChunk } from '../../chunkenc/encode-chunk.ts';
import { encodeHistogramBlock, encodeHistogramChunk } from '../../chunkenc/encode-histogram-block.ts';
import { encodeSampleBlock } from '../../chunkenc/encode-sample-block.ts';
import type { HistogramColumns } from '../../chunkenc/histogram-block.ts';
import type { ChunkGroup, SampleColumns } from '../../chunkenc/sample-block.ts';
import type { Histogram } from '../../model/histogram.ts';
import type { FloatColumn } from '../interface.ts';
import type { SeriesIdentity } from '../series-identity.ts';

/** A series by what blocks call it. */
export interface Identified {
  readonly identity: Pick<SeriesIdentity, 'id' | 'high' | 'low'>;
}

/** Floats of one series that belong into one block or chunk. */
export interface IdentifiedColumn extends Identified {
  readonly column: FloatColumn;
}

/** The same of histograms, ascending in time. */
export interface IdentifiedHistograms extends Identified {
  readonly histograms: readonly Histogram[];
}

/** What is different in packing floats and histograms, which never share a block. */
export interface SampleKind<T extends Identified> {
  readonly name: 'floats' | 'histograms';
  /** What a sample weighs, in memory and in bytes, against a float. */
  readonly weight: number;
  readonly countOf: (series: T) => number;
  /** Time of a sample of the series, ms. */
  readonly timeOf: (series: T, sample: number) => number;
  readonly slice: (series: T, begin: number, end: number) => T;
  readonly encodeBlock: (ids: Ids, series: readonly T[]) => Uint8Array;
  readonly encodeChunk: (groups: readonly ChunkGroup[], series: readonly T[]) => Uint8Array;
}

interface Ids {
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
}

export const FLOATS: SampleKind<IdentifiedColumn> = {
  name: 'floats',
  weight: 1,
  countOf: ({ column }) => column.timestamps.length,
  timeOf: ({ column }, sample) => column.timestamps[sample] as number,
  slice: (series, begin, end) => ({ ...series, column: sliceColumn(series.column, begin, end) }),
  encodeBlock: (ids, series) => encodeSampleBlock({ ...ids, ...joinColumns(series) }),
  encodeChunk: (groups, series) => encodeChunk({ groups, ...joinColumns(series) }),
};

export const HISTOGRAMS: SampleKind<IdentifiedHistograms> = {
  name: 'histograms',
  weight: 32,
  countOf: ({ histograms }) => histograms.length,
  timeOf: ({ histograms }, sample) => (histograms[sample] as Histogram).timestamp,
  slice: (series, begin, end) => ({ ...series, histograms: series.histograms.slice(begin, end) }),
  encodeBlock: (ids, series) => encodeHistogramBlock({ ...ids, ...joinHistograms(series) }),
  encodeChunk: (groups, series) => encodeHistogramChunk({ groups, ...joinHistograms(series) }),
};

/** A part of a column, sharing its memory. */
export function sliceColumn(
  { timestamps, values, startTimestamps }: FloatColumn,
  begin: number,
  end: number,
): FloatColumn {
  const part = { timestamps: timestamps.subarray(begin, end), values: values.subarray(begin, end) };
  return startTimestamps === undefined ? part : { ...part, startTimestamps: startTimestamps.subarray(begin, end) };
}

/** The columns of series, one after the other. */
function joinColumns(series: readonly IdentifiedColumn[]): SampleColumns {
  const count = series.reduce((sum, { column }) => sum + column.timestamps.length, 0);
  const offsets = new Uint32Array(series.length + 1);
  const [timestamps, values, starts] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  let offset = 0;
  for (const [i, { column }] of series.entries()) {
    timestamps.set(column.timestamps, offset);
    values.set(column.values, offset);
    if (column.startTimestamps !== undefined) starts.set(column.startTimestamps, offset);
    offset += column.timestamps.length;
    offsets[i + 1] = offset;
  }
  const columns = { offsets, timestamps, values };
  return starts.some((start) => start !== 0) ? { ...columns, startTimestamps: starts } : columns;
}

function joinHistograms(series: readonly IdentifiedHistograms[]): HistogramColumns {
  const offsets = new Uint32Array(series.length + 1);
  for (const [i, { histograms }] of series.entries()) offsets[i + 1] = (offsets[i] as number) + histograms.length;
  return { offsets, histograms: series.flatMap(({ histograms }) => histograms) };
}
