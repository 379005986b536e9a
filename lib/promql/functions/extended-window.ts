import { Window } from './window.ts';

/**
 * The samples that an extended selector measures between: `first` is the last one at or before the beginning of the
 * range (or the first inside it), `last` the last one in the range, for `smoothed` the first at or after its end where
 * there is one. Both are inclusive indexes.
 */
export class ExtendedWindow {
  first = 0;
  last = 0;
  readonly #timestamps: Float64Array;
  readonly #smoothed: boolean;
  readonly #inner: Window;

  constructor(timestamps: Float64Array, smoothed: boolean) {
    this.#timestamps = timestamps;
    this.#smoothed = smoothed;
    this.#inner = new Window(timestamps);
  }

  /** `outer` holds the samples in reach. Returns whether there is anything to measure in `(start, end]`. */
  settle(outer: Window, start: number, end: number): boolean {
    const timestamps = this.#timestamps;
    const inner = this.#inner;
    inner.moveTo(start, end);
    const lastInReach = outer.last - 1;
    this.first = Math.max(outer.first, Math.min(inner.first, lastInReach) - 1);
    this.last = lastInReach;
    if (this.#smoothed) {
      const endsOnSample = inner.last > 0 && timestamps[inner.last - 1] === end;
      this.last = Math.max(outer.first, Math.min(endsOnSample ? inner.last - 1 : inner.last, lastInReach));
    }
    if ((timestamps[this.last] as number) <= start) return false;
    return !(this.#smoothed && (timestamps[this.first] as number) > end);
  }
}
