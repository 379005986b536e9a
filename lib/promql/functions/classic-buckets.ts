/** Two cumulative counts closer than this, relative to their sum, are taken to be the same. */
const SMALL_DELTA = 1e-12;

/** What had to be done to make counts rise with their bounds. */
export interface MonotonicityFix {
  forced: boolean;
  /** The lowest and highest bound whose count was raised, and by how much at most. */
  minBound: number;
  maxBound: number;
  maxDifference: number;
}

/**
 * The buckets of one classic histogram at one step, filled anew for each: ascending upper bounds (from `le`) and
 * cumulative counts. It never allocates after construction.
 */
export class ClassicBuckets {
  readonly fix: MonotonicityFix = { forced: false, minBound: 0, maxBound: 0, maxDifference: 0 };
  readonly #bounds: Float64Array;
  readonly #counts: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#bounds = new Float64Array(capacity);
    this.#counts = new Float64Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
    Object.assign(this.fix, { forced: false, minBound: 0, maxBound: 0, maxDifference: 0 });
  }

  /** Adds a bucket; bounds must not fall. Buckets with the same bound (`0.2` and `2e-1`) are added up. */
  push(bound: number, count: number): void {
    if (this.#size > 0 && this.#bounds[this.#size - 1] === bound) {
      this.#counts[this.#size - 1] = (this.#counts[this.#size - 1] as number) + count;
      return;
    }
    this.#bounds[this.#size] = bound;
    this.#counts[this.#size] = count;
    this.#size++;
  }

  /**
   * The `q`-quantile by linear interpolation; `fix` then tells whether counts had to be raised. NaN without a +Inf
   * bucket, another one, or observations; -Inf below q = 0, +Inf above q = 1.
   */
  quantile(q: number): number {
    if (Number.isNaN(q)) return Number.NaN;
    if (q < 0) return Number.NEGATIVE_INFINITY;
    if (q > 1) return Number.POSITIVE_INFINITY;
    if (!this.#isComplete()) return Number.NaN;
    this.#makeMonotonic();
    const last = this.#size - 1;
    const observations = this.#counts[last] as number;
    if (last < 1 || observations === 0) return Number.NaN;
    const rank = q * observations;
    const bucket = this.#firstReaching(rank);
    if (bucket === last) return this.#bounds[last - 1] as number;
    const end = this.#bounds[bucket] as number;
    if (bucket === 0 && end <= 0) return end;
    const start = bucket === 0 ? 0 : (this.#bounds[bucket - 1] as number);
    const below = bucket === 0 ? 0 : (this.#counts[bucket - 1] as number);
    return start + (end - start) * ((rank - below) / ((this.#counts[bucket] as number) - below));
  }

  /** The fraction of observations between two values by linear interpolation; NaN where `quantile` is for any q. */
  fraction(lower: number, upper: number): number {
    if (!this.#isComplete()) return Number.NaN;
    const observations = this.#counts[this.#size - 1] as number;
    if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
    if (lower >= upper) return 0;
    const below = (value: number) => Math.min(this.#rankOf(value), observations);
    return (below(upper) - below(lower)) / observations;
  }

  #isComplete(): boolean {
    return this.#size > 0 && this.#bounds[this.#size - 1] === Number.POSITIVE_INFINITY;
  }

  /** How many observations lie below `value`. A first bucket that ends above 0 begins at 0. */
  #rankOf(value: number): number {
    let rank = 0;
    let lower = (this.#bounds[0] as number) <= 0 ? Number.NEGATIVE_INFINITY : 0;
    for (let i = 0; i < this.#size; i++) {
      const upper = this.#bounds[i] as number;
      const count = this.#counts[i] as number;
      if (lower >= value) return rank;
      if (upper > value) {
        return lower === Number.NEGATIVE_INFINITY ? count : rank + ((count - rank) * (value - lower)) / (upper - lower);
      }
      rank = count;
      lower = upper;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The first bucket whose count reaches `rank`, the last one where none before does. */
  #firstReaching(rank: number): number {
    let [low, high] = [0, this.#size - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#counts[middle] as number) >= rank) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Irons out small differences in silence and raises counts that fall, which `fix` tells of. */
  #makeMonotonic(): void {
    let previous = this.#counts[0] as number;
    for (let i = 1; i < this.#size; i++) {
      const count = this.#counts[i] as number;
      if (count === previous) continue;
      if (almostEqual(previous, count)) {
        this.#counts[i] = previous;
      } else if (count < previous) {
        this.#counts[i] = previous;
        this.#recordFix(this.#bounds[i] as number, previous - count);
      } else {
        previous = count;
      }
    }
  }

  #recordFix(bound: number, difference: number): void {
    const { fix } = this;
    fix.minBound = fix.forced ? Math.min(fix.minBound, bound) : bound;
    fix.maxBound = fix.forced ? Math.max(fix.maxBound, bound) : bound;
    fix.maxDifference = Math.max(fix.maxDifference, difference);
    fix.forced = true;
  }
}

/** Relative to the sum of both; close to zero, where that makes no sense, to the smallest normal float. */
function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < SMALL_DELTA * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DELTA;
}

const SMALLEST_NORMAL = 2 ** -1022;
