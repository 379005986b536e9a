import { isStaleNaN, STALE_NAN } from '../model/stale-marker.ts';
import type { FloatColumn } from './interface.ts';
import { compareSettled } from './settle.ts';

const EMPTY = new Float64Array(0);
const INITIAL_CAPACITY = 4;

/**
 * Gathers the samples of one series in any order and any number of times; what comes out is sorted, and every
 * timestamp stands once, with the value that `compareSettled` prefers. Samples that come in order cost no sorting.
 */
export class FloatColumnBuilder {
  #timestamps: Float64Array = EMPTY;
  #values: Float64Array = EMPTY;
  /** Allocated with the first start timestamp. */
  #starts: Float64Array | undefined;
  #length = 0;
  #settled = true;
  /** A column handed out shares the arrays: what stands in them may not change any more. */
  #shared = false;

  /** Samples gathered so far, each timestamp once. */
  get length(): number {
    this.#settle();
    return this.#length;
  }

  /** `timestamp` and `start` are milliseconds; `start` is 0 where unset. */
  push(timestamp: number, value: number, start = 0): void {
    if (this.#length > 0 && this.#settled && timestamp <= (this.#timestamps[this.#length - 1] as number)) {
      if (timestamp === this.#timestamps[this.#length - 1]) {
        this.#prefer(this.#length - 1, value, start);
        return;
      }
      this.#settled = false;
    }
    if (this.#length === this.#timestamps.length) this.#grow(this.#length + 1);
    this.#timestamps[this.#length] = timestamp;
    this.#store(this.#length, value, start);
    this.#length++;
  }

  /** Takes over the part of a column that lies in [mint, maxt], and tells how long it is; the column must be sorted. */
  pushColumn({ timestamps, values, startTimestamps }: FloatColumn, mint: number, maxt: number): number {
    const begin = lowerBound(timestamps, timestamps.length, mint);
    const end = upperBound(timestamps, timestamps.length, maxt);
    if (begin >= end) return 0;
    const isNext = this.#length === 0 || (timestamps[begin] as number) > (this.#timestamps[this.#length - 1] as number);
    if (this.#settled && isNext) {
      const starts = startTimestamps?.subarray(begin, end);
      this.#append(timestamps.subarray(begin, end), values.subarray(begin, end), starts);
      return end - begin;
    }
    for (let i = begin; i < end; i++) {
      this.push(timestamps[i] as number, values[i] as number, startTimestamps?.[i] ?? 0);
    }
    return end - begin;
  }

  /** The samples in [mint, maxt]; what is gathered later does not change them. */
  build(mint = Number.NEGATIVE_INFINITY, maxt = Number.POSITIVE_INFINITY): FloatColumn {
    this.#settle();
    const begin = lowerBound(this.#timestamps, this.#length, mint);
    const end = upperBound(this.#timestamps, this.#length, maxt);
    const column = { timestamps: this.#timestamps.subarray(begin, end), values: this.#values.subarray(begin, end) };
    const starts = this.#starts?.subarray(begin, end);
    this.#shared = true;
    return starts?.some((start) => start !== 0) ? { ...column, startTimestamps: starts } : column;
  }

  /** Whether any sample lies in [mint, maxt]. */
  has(mint: number, maxt: number): boolean {
    this.#settle();
    const first = lowerBound(this.#timestamps, this.#length, mint);
    return first < this.#length && (this.#timestamps[first] as number) <= maxt;
  }

  /** Takes over sorted samples that come after all others; whole columns are copied without touching a number. */
  #append(timestamps: Float64Array, values: Float64Array, starts: Float64Array | undefined): void {
    const length = this.#length + timestamps.length;
    if (length > this.#timestamps.length) this.#grow(length);
    this.#timestamps.set(timestamps, this.#length);
    this.#values.set(values, this.#length);
    if (starts !== undefined) {
      this.#starts ??= new Float64Array(this.#timestamps.length);
      this.#starts.set(starts, this.#length);
    }
    this.#length = length;
  }

  #store(index: number, value: number, start: number): void {
    // The marker's bits are restored here: a NaN that passed through registers may have become quiet.
    this.#values[index] = isStaleNaN(value) ? STALE_NAN : value;
    if (start !== 0 && this.#starts === undefined) this.#starts = new Float64Array(this.#timestamps.length);
    if (this.#starts !== undefined) this.#starts[index] = start;
  }

  #prefer(index: number, value: number, start: number): void {
    if (compareSettled(value, start, this.#values[index] as number, this.#starts?.[index] ?? 0) > 0) {
      if (this.#shared) this.#unshare();
      this.#store(index, value, start);
    }
  }

  /** Appending leaves the columns handed out alone; replacing a value needs arrays that nobody else sees. */
  #unshare(): void {
    this.#timestamps = this.#timestamps.slice();
    this.#values = this.#values.slice();
    this.#starts = this.#starts?.slice();
    this.#shared = false;
  }

  #grow(needed: number): void {
    const capacity = Math.max(INITIAL_CAPACITY, needed, this.#timestamps.length * 2);
    this.#timestamps = copyInto(new Float64Array(capacity), this.#timestamps);
    this.#values = copyInto(new Float64Array(capacity), this.#values);
    if (this.#starts !== undefined) this.#starts = copyInto(new Float64Array(capacity), this.#starts);
  }

  #settle(): void {
    if (this.#settled) return;
    const [timestamps, values, starts] = [this.#timestamps, this.#values, this.#starts];
    const order = Uint32Array.from({ length: this.#length }, (_, i) => i);
    order.sort((a, b) => (timestamps[a] as number) - (timestamps[b] as number));
    this.#timestamps = EMPTY;
    this.#values = EMPTY;
    this.#starts = undefined;
    this.#length = 0;
    this.#settled = true;
    this.#grow(order.length);
    for (const i of order) this.push(timestamps[i] as number, values[i] as number, starts?.[i] ?? 0);
  }
}

function copyInto(target: Float64Array, source: Float64Array): Float64Array {
  target.set(source);
  return target;
}

/** Index of the first of `length` ascending numbers that is >= `bound`. */
function lowerBound(numbers: Float64Array, length: number, bound: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first of `length` ascending numbers that is > `bound`. */
function upperBound(numbers: Float64Array, length: number, bound: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
