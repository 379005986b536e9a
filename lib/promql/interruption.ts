import { QueryCanceledError, QueryTimeoutError } from './errors.ts';

/** Clock readings are cheap, but not as cheap as a step of a loop. */
const CHECK_EVERY = 32;

/** The longest delay that a timer takes, ms. */
const MAX_DELAY = 2 ** 31 - 1;

type Phase = 'expression evaluation' | 'query execution';

/** Ends a query that takes too long or whose client went away. */
export class Interruption {
  readonly #now: () => number;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  #calls = 0;

  /** `timeout` in ms from now on. */
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
  check(phase: Phase): void {
    if (this.#signal?.aborted || this.#now() > this.#deadline) throw this.#error(phase);
  }

  /**
   * Waits for what `run` promises, but no longer than the query may take. The signal that `run` is given ends then too.
   *
   * @throws QueryTimeoutError | QueryCanceledError, and what `run` throws.
   */
  async guard<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.check('query execution');
    const controller = new AbortController();
    const stop = () => controller.abort(this.#error('query execution'));
    const timer = setTimeout(stop, Math.min(MAX_DELAY, this.#deadline - this.#now()));
    this.#signal?.addEventListener('abort', stop);
    const interrupted = new Promise<never>((_, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
    });
    try {
      return await Promise.race([interrupted, run(controller.signal)]);
    } finally {
      clearTimeout(timer);
      this.#signal?.removeEventListener('abort', stop);
    }
  }

  #error(phase: Phase): Error {
    if (this.#signal?.aborted) return new QueryCanceledError(`query was canceled in ${phase}`);
    return new QueryTimeoutError(`query timed out in ${phase}`);
  }
}
