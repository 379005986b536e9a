/** The upper 53 bits of an id are a number; series that agree in them stand in one list. */
const LOW_BITS_LEFT_OUT = 11;

interface Entry<T> {
  readonly high: number;
  readonly low: number;
  readonly value: T;
}

/** A map by series id (64 bits in two halves) that makes no text of it. */
export class SeriesMap<T> {
  readonly #entries = new Map<number, Entry<T>[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(high: number, low: number): T | undefined {
    return this.#entries.get(keyOf(high, low))?.find((entry) => entry.high === high && entry.low === low)?.value;
  }

  /** The id must not be there yet. */
  add(high: number, low: number, value: T): void {
    const key = keyOf(high, low);
    const alike = this.#entries.get(key);
    if (alike === undefined) this.#entries.set(key, [{ high, low, value }]);
    else alike.push({ high, low, value });
    this.#size++;
  }

  *values(): Generator<T> {
    for (const entries of this.#entries.values()) for (const { value } of entries) yield value;
  }
}

function keyOf(high: number, low: number): number {
  return high * 2 ** (32 - LOW_BITS_LEFT_OUT) + (low >>> LOW_BITS_LEFT_OUT);
}
