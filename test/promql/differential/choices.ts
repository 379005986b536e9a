/** Reproducible choices of a generator. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    // Spread by the golden ratio, so that neighbouring seeds begin far apart; xorshift never leaves 0.
    this.#state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1;
  }

  /** A number in [0, 1): xorshift with 32 bits of state. */
  fraction(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  of<T>(options: readonly T[]): T {
    const chosen = options[Math.floor(this.fraction() * options.length)];
    if (chosen === undefined && options.length === 0) throw new Error('BUG: nothing to choose from');
    return chosen as T;
  }

  /** One of several ways to go on. */
  way<T>(...ways: readonly (() => T)[]): T {
    return this.of(ways)();
  }

  /** Some of the options, in their order; never none. */
  some<T>(options: readonly T[]): T[] {
    const chosen = options.filter(() => this.chance(0.5));
    return chosen.length > 0 ? chosen : [this.of(options)];
  }
}
