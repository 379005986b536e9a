import type { SampleColumns } from '../../chunkenc/sample-block.ts';
import type { Sample } from '../../model/sample.ts';
import { isStaleNaN, STALE_NAN } from '../../model/stale-marker.ts';
import { FloatColumnBuilder } from '../float-column-builder.ts';
import type { SeriesBuilder } from '../series-builder.ts';

const INITIAL_CAPACITY = 1024;

/** Floats in the order in which they came, each with the number of its series. */
export class SampleLog {
  #series = new Uint32Array(INITIAL_CAPACITY);
  #timestamps: Float64Array = new Float64Array(INITIAL_CAPACITY);
  #values: Float64Array = new Float64Array(INITIAL_CAPACITY);
  /** Allocated with the first start timestamp. */
  #starts: Float64Array | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(series: number, { timestamp, value, startTimestamp = 0 }: Sample): void {
    const at = this.#length;
    if (at === this.#series.length) this.#grow();
    this.#series[at] = series;
    this.#timestamps[at] = timestamp;
    this.#values[at] = marked(value);
    if (startTimestamp !== 0) this.#starts ??= new Float64Array(this.#series.length);
    if (this.#starts !== undefined) this.#starts[at] = startTimestamp;
    this.#length++;
  }

  /** Gives the samples of one series to another. */
  renumber(from: number, to: number): void {
    for (let i = 0; i < this.#length; i++) if (this.#series[i] === from) this.#series[i] = to;
  }

  /** Gives the samples of some series, by number, to their builders; one walk for all of them. */
  pushTo(builders: ReadonlyMap<number, SeriesBuilder>): void {
    if (builders.size === 0) return;
    for (let i = 0; i < this.#length; i++) {
      const builder = builders.get(this.#series[i] as number);
      const startTimestamp = this.#starts?.[i] ?? 0;
      builder?.push({ timestamp: this.#timestamps[i] as number, value: this.#values[i] as number, startTimestamp });
    }
  }

  /**
   * Columns of the series with these numbers, in this order; each series ascending, every timestamp once with the value
   * that `compareSettled` prefers.
   *
   * @param seriesCount one more than the greatest number of a series.
   */
  columns(order: Uint32Array, seriesCount: number): SampleColumns {
    const { offsets, next } = this.#places(order, seriesCount);
    const count = offsets[order.length] as number;
    const columns = { offsets, timestamps: new Float64Array(count), values: new Float64Array(count) };
    const startTimestamps = this.#starts && new Float64Array(count);
    for (let i = 0; i < this.#length; i++) {
      const series = this.#series[i] as number;
      const place = next[series] as number;
      if (place === NOWHERE) continue;
      next[series] = place + 1;
      columns.timestamps[place] = this.#timestamps[i] as number;
      columns.values[place] = marked(this.#values[i] as number);
      if (startTimestamps !== undefined) startTimestamps[place] = this.#starts?.[i] as number;
    }
    return settled(startTimestamps === undefined ? columns : { ...columns, startTimestamps });
  }

  /** Where the columns of each series begin, by its place in the order (`offsets`) and by its number (`next`). */
  #places(order: Uint32Array, seriesCount: number): { offsets: Uint32Array; next: Uint32Array } {
    const counts = new Uint32Array(seriesCount);
    for (let i = 0; i < this.#length; i++) (counts[this.#series[i] as number] as number)++;
    const offsets = new Uint32Array(order.length + 1);
    const next = new Uint32Array(seriesCount).fill(NOWHERE);
    for (let i = 0; i < order.length; i++) {
      const series = order[i] as number;
      next[series] = offsets[i] as number;
      offsets[i + 1] = (offsets[i] as number) + (counts[series] as number);
    }
    return { offsets, next };
  }

  #grow(): void {
    const capacity = this.#series.length * 2;
    const series = new Uint32Array(capacity);
    series.set(this.#series);
    this.#series = series;
    this.#timestamps = grown(this.#timestamps, capacity);
    this.#values = grown(this.#values, capacity);
    this.#starts = this.#starts && grown(this.#starts, capacity);
  }
}

const NOWHERE = 0xffffffff;

/** A marker that passed through registers may have become quiet. */
function marked(value: number): number {
  return Number.isNaN(value) && isStaleNaN(value) ? STALE_NAN : value;
}

function grown(column: Float64Array, capacity: number): Float64Array {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}

/** Most series come in order and are left alone; what does not is sorted, and settled where a time stands twice. */
function settled(columns: SampleColumns): SampleColumns {
  const { offsets, timestamps, values, startTimestamps } = columns;
  const count = timestamps.length;
  let [out, begin] = [0, 0];
  for (let series = 0; series + 1 < offsets.length; series++) {
    const end = offsets[series + 1] as number;
    if (!ascends(timestamps, begin, end)) {
      const builder = new FloatColumnBuilder();
      for (let i = begin; i < end; i++) {
        builder.push(timestamps[i] as number, values[i] as number, startTimestamps?.[i] ?? 0);
      }
      const column = builder.build();
      timestamps.set(column.timestamps, out);
      values.set(column.values, out);
      const { length } = column.timestamps;
      if (startTimestamps !== undefined) {
        startTimestamps.fill(0, out, out + length);
        if (column.startTimestamps !== undefined) startTimestamps.set(column.startTimestamps, out);
      }
      out += length;
    } else {
      if (out !== begin) {
        timestamps.copyWithin(out, begin, end);
        values.copyWithin(out, begin, end);
        startTimestamps?.copyWithin(out, begin, end);
      }
      out += end - begin;
    }
    offsets[series + 1] = out;
    begin = end;
  }
  if (out === count) return columns;
  const rest = { offsets, timestamps: timestamps.subarray(0, out), values: values.subarray(0, out) };
  return startTimestamps === undefined ? rest : { ...rest, startTimestamps: startTimestamps.subarray(0, out) };
}

function ascends(timestamps: Float64Array, begin: number, end: number): boolean {
  for (let i = begin + 1; i < end; i++) {
    if ((timestamps[i] as number) <= (timestamps[i - 1] as number)) return false;
  }
  return true;
}
