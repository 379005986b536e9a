import { FloatColumnBuilder } from '../float-column-builder.ts';
import type { FloatColumn } from '../interface.ts';
import type { PlacedFloats } from './gathered-series.ts';

interface Scattered {
  /** By place: where the samples of a series end, and how many they are. */
  readonly ends: Float64Array;
  readonly counts: Float64Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly starts: Float64Array | undefined;
}

/**
 * Brings floats of many blocks into the order of their series, in memory that is asked for once: an array of its own for
 * each series, grown block by block, would take more time than the samples do. `order` holds the places of all series as
 * their columns shall lie one after the other. Returns the column of a series by its place, every timestamp from `oldest`
 * (ms) on once.
 */
export function scatterFloats(
  order: Uint32Array,
  blocks: readonly PlacedFloats[],
  oldest: number,
): (place: number) => FloatColumn {
  const { ends, counts, timestamps, values, starts } = scatter(order, blocks);
  return (place) => {
    const end = ends[place] as number;
    const begin = end - (counts[place] as number);
    const column = { timestamps: timestamps.subarray(begin, end), values: values.subarray(begin, end) };
    const own = starts?.subarray(begin, end);
    const found = own !== undefined && hasStarts(own) ? { ...column, startTimestamps: own } : column;
    return isSettled(column.timestamps) && (timestamps[begin] as number) >= oldest ? found : settle(found, oldest);
  };
}

/** Whether any start timestamp is set. */
export function hasStarts(starts: Float64Array): boolean {
  for (let i = 0; i < starts.length; i++) if (starts[i] !== 0) return true;
  return false;
}

function scatter(order: Uint32Array, blocks: readonly PlacedFloats[]): Scattered {
  const counts = countSamples(order.length, blocks);
  const next = firstPlaces(order, counts);
  const total = blocks.reduce((sum, { columns }) => sum + columns.timestamps.length, 0);
  const timestamps = new Float64Array(total);
  const values = new Float64Array(total);
  const starts = blocks.some(({ columns }) => columns.startTimestamps) ? new Float64Array(total) : undefined;
  const valueBits = bitsOf(values);
  for (const { columns, places } of blocks) {
    const bits = bitsOf(columns.values);
    const { offsets } = columns;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      const begin = offsets[i] as number;
      const end = offsets[i + 1] as number;
      const to = next[place] as number;
      copy(columns.timestamps, begin, end, timestamps, to);
      copy(bits, begin * 2, end * 2, valueBits, to * 2);
      if (starts !== undefined && columns.startTimestamps) copy(columns.startTimestamps, begin, end, starts, to);
      next[place] = to + end - begin;
    }
  }
  // Each place has moved on to where its series ends.
  return { ends: next, counts, timestamps, values, starts };
}

/** By place. */
function countSamples(series: number, blocks: readonly PlacedFloats[]): Float64Array {
  const counts = new Float64Array(series);
  for (const { columns, places } of blocks) {
    const { offsets } = columns;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      counts[place] = (counts[place] as number) + (offsets[i + 1] as number) - (offsets[i] as number);
    }
  }
  return counts;
}

/** Where each series begins, by place. */
function firstPlaces(order: Uint32Array, counts: Float64Array): Float64Array {
  const first = new Float64Array(order.length);
  let next = 0;
  for (let i = 0; i < order.length; i++) {
    const place = order[i] as number;
    first[place] = next;
    next += counts[place] as number;
  }
  return first;
}

/** Values may be NaNs whose bits mean something, and an engine may make them quiet on their way through a register. */
function bitsOf({ buffer, byteOffset, length }: Float64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length * 2);
}

/** Mostly a sample or two: shorter than what calling `set` takes. */
function copy<T extends Float64Array | Uint32Array>(from: T, begin: number, end: number, to: T, place: number): void {
  for (let i = begin, k = place; i < end; i++, k++) to[k] = from[i] as number;
}

/** Whether timestamps ascend strictly. */
function isSettled(timestamps: Float64Array): boolean {
  for (let i = 1; i < timestamps.length; i++) {
    if ((timestamps[i] as number) <= (timestamps[i - 1] as number)) return false;
  }
  return true;
}

/** Sorts, takes each timestamp once, and leaves out what is older than `oldest`. */
function settle(column: FloatColumn, oldest: number): FloatColumn {
  const builder = new FloatColumnBuilder();
  const { timestamps, values, startTimestamps } = column;
  if (isSettled(timestamps)) builder.pushColumn(column, oldest, Number.POSITIVE_INFINITY);
  else {
    for (let i = 0; i < timestamps.length; i++) {
      builder.push(timestamps[i] as number, values[i] as number, startTimestamps?.[i] ?? 0);
    }
  }
  return builder.build(oldest);
}
