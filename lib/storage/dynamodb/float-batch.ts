import { encodeSampleBlock } from '../../chunkenc/encode-sample-block.ts';
import type { SampleColumns } from '../../chunkenc/sample-block.ts';
import type { TimeRange } from '../retention-window.ts';
import type { BuiltBlock } from './build-sample-blocks.ts';
import { alignDown } from './keys.ts';
import { MAX_PAYLOAD_BYTES } from './table.ts';

/** Floats of many series in one set of columns: no object for each series, as most have one sample in a commit. */
export interface FloatBatch<T> extends SampleColumns, SeriesIds {
  /** Ids ascending; every one has samples. */
  readonly series: readonly T[];
}

/** Ids of series in two halves. */
export interface SeriesIds {
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
}

/** More samples are not tried at once: nearly all blocks of this many fit an item, and the rest are halved. */
const MAX_BLOCK_SAMPLES = 32_768;

/** Cuts a batch at the multiples of `width` ms; parts by their start. */
export function cutBatch<T>(batch: FloatBatch<T>, width: number): ReadonlyMap<number, FloatBatch<T>> {
  const starts = startsOf(batch.timestamps, width);
  const [only] = starts;
  if (only !== undefined && starts.size === 1) return new Map([[only, batch]]);
  return new Map([...starts].map((start) => [start, partOf(batch, start, start + width)]));
}

/** Packs a batch into as few blocks as fit the items of the table. */
export function packBatch<T>(batch: FloatBatch<T>): BuiltBlock[] {
  const { series, offsets, timestamps } = batch;
  if (series.length === 0) return [];
  const count = timestamps.length;
  if (count === 1 || count <= MAX_BLOCK_SAMPLES) {
    const payload = encodeSampleBlock(batch);
    if (payload.length <= MAX_PAYLOAD_BYTES) return [{ payload, ...rangeOf(timestamps) }];
  }
  if (count === 1) throw new Error('BUG: one sample does not fit an item');
  // Halves the series; a single series is halved in time.
  const middle = series.length >>> 1;
  const cut = series.length === 1 ? count >>> 1 : (offsets[middle] as number);
  return [
    ...packBatch(slice(batch, 0, Math.max(1, middle), 0, cut)),
    ...packBatch(slice(batch, middle, series.length, cut, count)),
  ];
}

/** A batch of these columns; start timestamps only where there are any. */
export function newBatch<T>({ startTimestamps, ...batch }: FloatBatch<T>): FloatBatch<T> {
  return startTimestamps?.some((start) => start !== 0) ? { ...batch, startTimestamps } : batch;
}

function slice<T>(
  { series, idsHigh, idsLow, offsets, timestamps, values, startTimestamps }: FloatBatch<T>,
  from: number,
  to: number,
  begin: number,
  end: number,
): FloatBatch<T> {
  const within = offsets.slice(from, to + 1).map((offset) => Math.min(Math.max(offset, begin), end) - begin);
  return newBatch({
    series: series.slice(from, to),
    idsHigh: idsHigh.subarray(from, to),
    idsLow: idsLow.subarray(from, to),
    offsets: within,
    timestamps: timestamps.subarray(begin, end),
    values: values.subarray(begin, end),
    ...(startTimestamps && { startTimestamps: startTimestamps.subarray(begin, end) }),
  });
}

function startsOf(timestamps: Float64Array, width: number): Set<number> {
  const starts = new Set<number>();
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < timestamps.length; i++) {
    const timestamp = timestamps[i] as number;
    // Most lie in the part of the one before.
    if (timestamp >= from && timestamp < to) continue;
    from = alignDown(timestamp, width);
    to = from + width;
    starts.add(from);
  }
  return starts;
}

/** The samples in [from, to), and only the series that have some. */
function partOf<T>(batch: FloatBatch<T>, from: number, to: number): FloatBatch<T> {
  const kept = new Uint8Array(batch.timestamps.length);
  const places: number[] = [];
  const offsets: number[] = [0];
  let count = 0;
  for (let i = 0; i < batch.series.length; i++) {
    const before = count;
    for (let at = batch.offsets[i] as number; at < (batch.offsets[i + 1] as number); at++) {
      const timestamp = batch.timestamps[at] as number;
      if (timestamp < from || timestamp >= to) continue;
      kept[at] = 1;
      count++;
    }
    if (count === before) continue;
    places.push(i);
    offsets.push(count);
  }
  // `filter` of a typed array: no value passes through an ordinary array, so markers keep their bits.
  const keep = (column: Float64Array) => column.filter((_, at) => kept[at] === 1);
  return newBatch({
    series: places.map((place) => batch.series[place] as T),
    idsHigh: Uint32Array.from(places, (place) => batch.idsHigh[place] as number),
    idsLow: Uint32Array.from(places, (place) => batch.idsLow[place] as number),
    offsets: Uint32Array.from(offsets),
    timestamps: keep(batch.timestamps),
    values: keep(batch.values),
    ...(batch.startTimestamps && { startTimestamps: keep(batch.startTimestamps) }),
  });
}

function rangeOf(timestamps: Float64Array): TimeRange {
  let [mint, maxt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < timestamps.length; i++) {
    const timestamp = timestamps[i] as number;
    if (timestamp < mint) mint = timestamp;
    if (timestamp > maxt) maxt = timestamp;
  }
  return { mint, maxt };
}
