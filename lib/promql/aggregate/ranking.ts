/**
 * The best of what is offered, best first; of equals the first offered, and NaN behind every number. Made for few:
 * each offer that is taken moves what stands behind it.
 */
export class Ranking {
  readonly #capacity: number;
  readonly #indexes: number[] = [];
  readonly #values: number[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get chosen(): readonly number[] {
    return this.#indexes;
  }

  offer(index: number, value: number): void {
    const values = this.#values;
    const full = values.length === this.#capacity;
    if (full && !isBetter(value, values[values.length - 1] as number)) return;
    const position = this.#positionOf(value);
    if (full) {
      values.pop();
      this.#indexes.pop();
    }
    values.splice(position, 0, value);
    this.#indexes.splice(position, 0, index);
  }

  /** Behind everything that is as good. */
  #positionOf(value: number): number {
    let [low, high] = [0, this.#values.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBetter(value, this.#values[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The order of a ranking. */
export function compareRank(a: number, b: number): number {
  if (isBetter(a, b)) return -1;
  return isBetter(b, a) ? 1 : 0;
}

function isBetter(a: number, b: number): boolean {
  return a > b || (Number.isNaN(b) && !Number.isNaN(a));
}
