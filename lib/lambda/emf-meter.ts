import { type EmfMetric, writeEmf } from './emf.ts';

/** An instance writes so often at most, ms. CloudWatch keeps minutes anyhow. */
const PERIOD_MS = 60_000;

export interface EmfMeterOptions {
  /** Milliseconds. */
  readonly now: () => number;
  readonly write: (metrics: readonly EmfMetric[]) => void;
}

/**
 * Adds up what many short invocations of one instance count, and writes it as one line: with the first of them, then with
 * the first after each minute. What is urgent is written at once, with all that waits.
 *
 * Lambda freezes an instance between invocations and may end it without another word: what it counted since its last line,
 * less than a minute of its work, is missing from the metrics then. The ledger, which is exact, counts by other means.
 */
export class EmfMeter {
  readonly #options: EmfMeterOptions;
  readonly #sums = new Map<string, EmfMetric>();
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(options: EmfMeterOptions) {
    this.#options = options;
  }

  /** Only what can be added up: counts and bytes. */
  add(metrics: readonly EmfMetric[], isUrgent = false): void {
    for (const metric of metrics) {
      const value = metric.value + (this.#sums.get(metric.name)?.value ?? 0);
      this.#sums.set(metric.name, { ...metric, value });
    }
    if (isUrgent || this.#options.now() - this.#writtenAt >= PERIOD_MS) this.flush();
  }

  /** Writes what waits, if anything does. */
  flush(): void {
    if (this.#sums.size === 0) return;
    this.#options.write([...this.#sums.values()]);
    this.#sums.clear();
    this.#writtenAt = this.#options.now();
  }
}

/** The meter of this instance. Where Lambda announces its end (it does to instances with an extension) nothing is lost. */
export function openEmfMeter(): EmfMeter {
  const meter = new EmfMeter({ now: Date.now, write: writeEmf });
  if (process.env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined) {
    process.once('SIGTERM', () => {
      meter.flush();
      process.exit(0);
    });
  }
  return meter;
}
