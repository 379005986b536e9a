import { QueryCanceledError, QueryTimeoutError } from './errors.ts';

/** Clock readings are cheap, but not as cheap as a step of a loop. */
const CHECK_EVERY = 32;

/** Ends a query that takes too long or whose client went away. */
export class Interruption {
  readonly #now: () => number;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  #calls = 0;

  constructor(now: () => number, timeout: number, signal: AbortSignal | undefined) {
    this.#now = now;
    this.#deadline = now() + timeout;
    this.#signal = signal;
  }

  /** For loops: looks at the clock now and then. @throws QueryTimeoutError | QueryCanceledError */
  poll(): void {
    if (++this.#calls % CHECK_EVERY === 0) this.check('expression evaluation');
  }

  /** @throws QueryTimeoutError | QueryCanceledError */
  check(phase: 'expression evaluation' | 'query execution'): void {
    if (this.#signal?.aborted) throw new QueryCanceledError(`query was canceled in ${phase}`);
    if (this.#now() > this.#deadline) throw new QueryTimeoutError(`query timed out in ${phase}`);
  }
}
