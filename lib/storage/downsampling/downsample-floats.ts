import { isStaleNaN, STALE_NAN } from '../../model/stale-marker.ts';
import { FloatColumnBuilder } from '../float-column-builder.ts';
import type { FloatColumn } from '../interface.ts';
import type { TimeRange } from '../retention-window.ts';
import { windowEnd } from './width.ts';

/**
 * What is kept of the floats of each window, a column each, without stale markers:
 * `counts`, `sums`, `mins` and `maxs` at the end of the window (of all NaN, NaN; a NaN among numbers makes the sum NaN);
 * `lasts` at its own time, and after it the marker where the window ends with one; `firsts` at its own time, where the window
 * has several; `amounts` and `numbers`, at the end of the window: what its samples fell from, added up, and how often,
 * where they did. That is all there is to know of a counter.
 */
export const FLOAT_AGGREGATES = ['counts', 'sums', 'mins', 'maxs', 'lasts', 'firsts', 'amounts', 'numbers'] as const;
export type FloatAggregate = (typeof FLOAT_AGGREGATES)[number];

/** The windows of a column; absent where there is nothing to tell. */
export type FloatWindows = Readonly<Partial<Record<FloatAggregate, FloatColumn>>>;

/** Sums up the part of a sorted column that lies in `range` in windows of `width` ms. */
export function downsampleFloats({ timestamps, values }: FloatColumn, width: number, range: TimeRange): FloatWindows {
  const builders = new Map<FloatAggregate, FloatColumnBuilder>();
  const push = (aggregate: FloatAggregate, timestamp: number, value: number) => {
    const builder = builders.get(aggregate) ?? new FloatColumnBuilder();
    builders.set(aggregate, builder);
    builder.push(timestamp, value);
  };
  for (let i = 0; i < timestamps.length; ) {
    const time = timestamps[i] as number;
    if (time < range.mint) {
      i++;
      continue;
    }
    if (time > range.maxt) break;
    const end = windowEnd(time, width);
    const window = new FloatWindow();
    for (; i < timestamps.length && (timestamps[i] as number) <= end; i++) {
      window.add(timestamps[i] as number, values[i] as number);
    }
    window.emit(end, push);
  }
  return Object.fromEntries([...builders].map(([aggregate, builder]) => [aggregate, builder.build()]));
}

/** One window while it is filled. */
class FloatWindow {
  #count = 0;
  #sum = 0;
  #compensation = 0;
  #min = Number.NaN;
  #max = Number.NaN;
  #first = 0;
  #firstTime = 0;
  #last = 0;
  #lastTime = 0;
  #amount = 0;
  #falls = 0;
  /** Time of the marker that it ends with. */
  #staleTime: number | undefined;

  add(time: number, value: number): void {
    if (Number.isNaN(value) && isStaleNaN(value)) {
      this.#staleTime = time;
      return;
    }
    this.#staleTime = undefined;
    this.#addToSum(value);
    // A number is less and greater than NaN here.
    if (!(this.#min <= value) && !Number.isNaN(value)) this.#min = value;
    if (!(this.#max >= value) && !Number.isNaN(value)) this.#max = value;
    if (this.#count === 0) {
      this.#first = value;
      this.#firstTime = time;
    } else if (value < this.#last) {
      this.#amount += this.#last;
      this.#falls++;
    }
    this.#last = value;
    this.#lastTime = time;
    this.#count++;
  }

  emit(end: number, push: (aggregate: FloatAggregate, timestamp: number, value: number) => void): void {
    if (this.#count > 0) {
      push('counts', end, this.#count);
      push('sums', end, Number.isFinite(this.#sum) ? this.#sum + this.#compensation : this.#sum);
      push('mins', end, this.#min);
      push('maxs', end, this.#max);
      push('lasts', this.#lastTime, this.#last);
    }
    if (this.#count > 1) push('firsts', this.#firstTime, this.#first);
    if (this.#falls > 0) {
      push('amounts', end, this.#amount);
      push('numbers', end, this.#falls);
    }
    if (this.#staleTime !== undefined) push('lasts', this.#staleTime, STALE_NAN);
  }

  /** Neumaier's sum: what rounding lost is kept beside it. */
  #addToSum(value: number): void {
    const total = this.#sum + value;
    this.#compensation +=
      Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - total + value : value - total + this.#sum;
    this.#sum = total;
  }
}
