import { encodeSampleBlock } from '../../chunkenc/encode-sample-block.ts';
import type { SampleBlock, SampleColumns } from '../../chunkenc/sample-block.ts';
import type { FloatColumn } from '../interface.ts';
import type { TimeRange } from '../retention-window.ts';
import type { SeriesIdentity } from '../series-identity.ts';
import { MAX_PAYLOAD_BYTES } from './table.ts';

/** Samples of one series that belong into one block. */
export interface IdentifiedColumn {
  readonly identity: Pick<SeriesIdentity, 'id' | 'high' | 'low'>;
  readonly column: FloatColumn;
}

/** An encoded block and the times of its first and last samples. */
export interface BuiltBlock extends TimeRange {
  readonly payload: Uint8Array;
}

/** More samples are not tried at once: nearly all blocks of this many fit an item, and the rest are halved. */
const MAX_BLOCK_SAMPLES = 32_768;

/** Packs series, sorted by id, into as few blocks as fit the items of the table. */
export function buildSampleBlocks(series: readonly IdentifiedColumn[]): BuiltBlock[] {
  const count = series.reduce((sum, { column }) => sum + column.timestamps.length, 0);
  if (count === 0) return [];
  if (count <= MAX_BLOCK_SAMPLES) {
    const block = toBlock(series);
    const payload = encodeSampleBlock(block);
    if (payload.length <= MAX_PAYLOAD_BYTES) return [{ payload, ...rangeOf(block.timestamps) }];
  }
  return halves(series).flatMap(buildSampleBlocks);
}

/** Halves the series; a single series is halved in time. */
export function halves<T extends IdentifiedColumn>(series: readonly T[]): T[][] {
  const [only] = series;
  if (only === undefined) throw new Error('BUG: no series to halve');
  if (series.length > 1) {
    const middle = series.length >>> 1;
    return [series.slice(0, middle), series.slice(middle)];
  }
  const middle = only.column.timestamps.length >>> 1;
  if (middle === 0) throw new Error('BUG: one sample does not fit an item');
  return [
    [{ ...only, column: sliceColumn(only.column, 0, middle) }],
    [{ ...only, column: sliceColumn(only.column, middle, only.column.timestamps.length) }],
  ];
}

/** A part of a column, sharing its memory. */
export function sliceColumn(
  { timestamps, values, startTimestamps }: FloatColumn,
  begin: number,
  end: number,
): FloatColumn {
  const part = { timestamps: timestamps.subarray(begin, end), values: values.subarray(begin, end) };
  return startTimestamps === undefined ? part : { ...part, startTimestamps: startTimestamps.subarray(begin, end) };
}

function toBlock(series: readonly IdentifiedColumn[]): SampleBlock {
  const idsHigh = Uint32Array.from(series, ({ identity }) => identity.high);
  const idsLow = Uint32Array.from(series, ({ identity }) => identity.low);
  return { idsHigh, idsLow, ...joinColumns(series) };
}

/** The columns of series, one after the other. */
export function joinColumns(series: readonly IdentifiedColumn[]): SampleColumns {
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

function rangeOf(timestamps: Float64Array): TimeRange {
  let [mint, maxt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const timestamp of timestamps) {
    mint = Math.min(mint, timestamp);
    maxt = Math.max(maxt, timestamp);
  }
  return { mint, maxt };
}
