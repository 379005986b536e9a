import { ExecutionError } from './errors.ts';

/** Counts the samples that a query holds at once, against its limit, and all that it has looked at. */
export class SampleBudget {
  readonly #limit: number;
  #held = 0;
  #peak = 0;
  #seen = 0;
  #counting = true;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  get peak(): number {
    return this.#peak;
  }

  /** Samples that selectors found or windows passed over. */
  get seen(): number {
    return this.#seen;
  }

  /** @throws ExecutionError over the limit. */
  hold(samples: number): void {
    this.#held += samples;
    if (this.#held > this.#peak) this.#peak = this.#held;
    if (this.#held > this.#limit) throw tooManySamples();
  }

  /** From now on `samples` are held: what a node's operands took is free again. */
  settle(samples: number): void {
    this.#held = 0;
    this.hold(samples);
  }

  /** @throws ExecutionError where columns of `cells` could not be held even if only a part of them is filled. */
  expect(cells: number): void {
    if (cells > 2 * this.#limit) throw tooManySamples();
  }

  see(samples: number): void {
    if (this.#counting) this.#seen += samples;
  }

  /** Runs the inner expression of a subquery: what it looks at does not count, only what the windows over it do. */
  uncounted<T>(run: () => T): T {
    const before = this.#counting;
    this.#counting = false;
    try {
      return run();
    } finally {
      this.#counting = before;
    }
  }
}

function tooManySamples(): ExecutionError {
  return new ExecutionError('query processing would load too many samples into memory in query execution');
}
