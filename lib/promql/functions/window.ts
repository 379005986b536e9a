/**
 * A window over the samples of one series that slides with the grid: after `moveTo`, samples `[first, last)` lie in the
 * left-open interval. Both ends only move forward, so a whole grid costs one pass over the samples.
 */
export class Window {
  first = 0;
  last = 0;
  readonly #timestamps: Float64Array;
  #end = Number.NEGATIVE_INFINITY;

  constructor(timestamps: Float64Array) {
    this.#timestamps = timestamps;
  }

  /** Moves the window to `(start, end]`, ms. Where it would have to move back it begins anew. */
  moveTo(start: number, end: number): void {
    if (end < this.#end) {
      this.first = 0;
      this.last = 0;
    }
    this.#end = end;
    const timestamps = this.#timestamps;
    let { first, last } = this;
    while (last < timestamps.length && (timestamps[last] as number) <= end) last++;
    while (first < last && (timestamps[first] as number) <= start) first++;
    this.first = first;
    this.last = last;
  }

  get size(): number {
    return this.last - this.first;
  }
}
