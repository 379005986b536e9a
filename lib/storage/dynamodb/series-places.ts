const INITIAL_CAPACITY = 64;
/** Further away than so many steps a series is looked for by halves. */
const WALK = 8;

/**
 * Numbers series, by their ids (64 bits in two halves), in the order in which they come. Ids are kept ascending, as blocks
 * have them: one walk finds all series of a block, through neighbouring memory, and no choice of ids can make it slow.
 */
export class SeriesPlaces {
  #high: Uint32Array = new Uint32Array(INITIAL_CAPACITY);
  #low: Uint32Array = new Uint32Array(INITIAL_CAPACITY);
  #places: Uint32Array = new Uint32Array(INITIAL_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Places of ids, which ascend strictly. Those that are new get the next numbers, in their order. */
  placesOf(high: Uint32Array, low: Uint32Array): Uint32Array {
    const places = new Uint32Array(high.length);
    const first = this.#size;
    let next = first;
    let at = 0;
    for (let i = 0; i < places.length; i++) {
      at = this.#walk(at, high[i] as number, low[i] as number);
      places[i] = this.#isAt(at, high[i] as number, low[i] as number) ? (this.#places[at] as number) : next++;
    }
    if (next > first) this.#insert(high, low, places, first, next);
    return places;
  }

  /** The place of an id, or -1. */
  find(high: number, low: number): number {
    const at = this.#seek(0, high, low);
    return this.#isAt(at, high, low) ? (this.#places[at] as number) : -1;
  }

  /** Calls back with all series, by ascending id. */
  forEach(visit: (high: number, low: number, place: number) => void): void {
    for (let i = 0; i < this.#size; i++) {
      visit(this.#high[i] as number, this.#low[i] as number, this.#places[i] as number);
    }
  }

  /** As `#seek`, for ids that mostly stand a few steps away: blocks have a good part of all series. */
  #walk(from: number, high: number, low: number): number {
    const own = this.#high;
    const end = Math.min(from + WALK, this.#size);
    for (let at = from; at < end; at++) {
      const found = own[at] as number;
      if (found > high || (found === high && (this.#low[at] as number) >= low)) return at;
    }
    return this.#seek(end, high, low);
  }

  /** Where the first id stands that is not below this one, from `from` on: in ever longer steps, then by halves. */
  #seek(from: number, high: number, low: number): number {
    const size = this.#size;
    let begin = from;
    let step = 1;
    while (begin + step <= size && this.#isBelow(begin + step - 1, high, low)) {
      begin += step;
      step *= 2;
    }
    let end = Math.min(size, begin + step - 1);
    while (begin < end) {
      const middle = (begin + end) >>> 1;
      if (this.#isBelow(middle, high, low)) begin = middle + 1;
      else end = middle;
    }
    return begin;
  }

  #isAt(index: number, high: number, low: number): boolean {
    return index < this.#size && this.#high[index] === high && this.#low[index] === low;
  }

  #isBelow(index: number, high: number, low: number): boolean {
    const own = this.#high[index] as number;
    return own < high || (own === high && (this.#low[index] as number) < low);
  }

  /** Merges the ids whose places are `first` and above, from the end, into what there is. */
  #insert(high: Uint32Array, low: Uint32Array, places: Uint32Array, first: number, next: number): void {
    this.#reserve(next);
    let [from, to] = [first - 1, next - 1];
    for (let i = places.length - 1; to > from; i--) {
      if ((places[i] as number) < first) continue;
      for (; from >= 0 && !this.#isBelow(from, high[i] as number, low[i] as number); from--, to--) {
        this.#high[to] = this.#high[from] as number;
        this.#low[to] = this.#low[from] as number;
        this.#places[to] = this.#places[from] as number;
      }
      this.#high[to] = high[i] as number;
      this.#low[to] = low[i] as number;
      this.#places[to] = places[i] as number;
      to--;
    }
    this.#size = next;
  }

  #reserve(size: number): void {
    if (size <= this.#places.length) return;
    const capacity = Math.max(size, this.#places.length * 2);
    this.#high = grow(this.#high, capacity);
    this.#low = grow(this.#low, capacity);
    this.#places = grow(this.#places, capacity);
  }
}

function grow(numbers: Uint32Array, capacity: number): Uint32Array {
  const grown = new Uint32Array(capacity);
  grown.set(numbers);
  return grown;
}
