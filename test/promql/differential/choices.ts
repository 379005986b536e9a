import { seededRandom } from '../../../bench/random.ts';

/** Reproducible choices of a generator. */
export class Choices {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.#random();
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  of<T>(options: readonly T[]): T {
    const chosen = options[Math.floor(this.#random() * options.length)];
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
