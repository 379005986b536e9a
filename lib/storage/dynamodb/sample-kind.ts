import { encodeChunk } from '../../chunkenc/encode-chunk.ts';
import { encodeHistogramBlock, encodeHistogramChunk } from '../../chunkenc/encode-histogram-block.ts';
import { encodeSampleBlock } from '../../chunkenc/encode-sample-block.ts';
import type { HistogramColumns } from '../../chunkenc/histogram-block.ts';
import type { ChunkGroup, SampleColumns } from '../../chunkenc/sample-block.ts';
import type { Histogram } from '../../model/histogram.ts';
import type { FloatColumn } from '../interface.ts';
import type { SeriesIdentity } from '../series-identity.ts';
import { hasStarts } from './scatter-floats.ts';

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
  const offsets = new Uint32Array(series.length + 1);
  for (const [i, { column }] of series.entries()) offsets[i + 1] = (offsets[i] as number) + column.timestamps.length;
  const count = offsets[series.length] as number;
  const columns = {
    offsets,
    timestamps: join(series, count, ({ timestamps }) => timestamps),
    values: join(series, count, ({ values }) => values),
  };
  if (series.every(({ column }) => column.startTimestamps === undefined)) return columns;
  const startTimestamps = new Float64Array(count);
  for (const [i, { column }] of series.entries()) startTimestamps.set(column.startTimestamps ?? [], offsets[i]);
  return hasStarts(startTimestamps) ? { ...columns, startTimestamps } : columns;
}

/** One part of all columns; a view where they lie one after the other as it is, as compaction brings them together. */
function join(
  series: readonly IdentifiedColumn[],
  count: number,
  partOf: (column: FloatColumn) => Float64Array,
): Float64Array {
  const parts = series.map(({ column }) => partOf(column));
  const [first = NOTHING] = parts;
  let end = first.byteOffset;
  for (const part of parts) {
    if (part.buffer !== first.buffer || part.byteOffset !== end) return copyAll(parts, count);
    end += part.byteLength;
  }
  return new Float64Array(first.buffer, first.byteOffset, count);
}

const NOTHING = new Float64Array(0);

function copyAll(parts: readonly Float64Array[], count: number): Float64Array {
  const all = new Float64Array(count);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function joinHistograms(series: readonly IdentifiedHistograms[]): HistogramColumns {
  const offsets = new Uint32Array(series.length + 1);
  for (const [i, { histograms }] of series.entries()) offsets[i + 1] = (offsets[i] as number) + histograms.length;
  return { offsets, histograms: series.flatMap(({ histograms }) => histograms) };
}
