import type { TableMeter } from '../storage/table-meter.ts';
import { addUsage, newUsage, type Usage, type UsageByWork, type UsageRecorder, type Work } from '../storage/usage.ts';

export interface UsageBookOptions {
  /** The function that keeps the book. */
  readonly work: Work;
  readonly meter: TableMeter;
  readonly recorder: UsageRecorder;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A name that was never returned before. */
  readonly newId: () => string;
  /** Told of what could not be written; nobody waits for it and nothing fails. */
  readonly log: { warn(message: string, details: { readonly error: Error }): void };
}

/** What one function takes for each tenant, written down invocation by invocation; what cannot be written is kept for the next. */
export class UsageBook {
  readonly #options: UsageBookOptions;
  /** By tenant: not yet written. */
  readonly #open = new Map<string, UsageByWork>();
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(options: UsageBookOptions) {
    this.#options = options;
  }

  /**
   * What a tenant has taken since it was asked for last: for who records it with something else. @param taken beside what
   * the meter of the table tells
   */
  take(tenant: string, taken: Partial<Usage>): { readonly id: string; readonly usage: UsageByWork } {
    const { work, meter, newId } = this.#options;
    return { id: newId(), usage: { [work]: { ...newUsage(), ...meter.take(tenant), ...taken } } };
  }

  /**
   * Writes down one invocation that worked for several tenants: each pays for what it took of the table, and for the
   * same part of the time. An even share where nobody took anything.
   */
  async share(tenants: readonly string[], seconds: number): Promise<void> {
    const { meter } = this.#options;
    const taken = tenants.map((tenant) => ({ tenant, ...meter.take(tenant) }));
    const weights = taken.map(({ writeUnits, readUnits }) => writeUnits + readUnits);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [i, { tenant, ...table }] of taken.entries()) {
      const part = total === 0 ? 1 / tenants.length : (weights[i] as number) / total;
      this.#add(tenant, { ...newUsage(), ...table, invocations: part, seconds: seconds * part });
    }
    await this.#write();
  }

  /** Notes one request that was answered for a tenant; `settled` writes it down. */
  note(tenant: string, seconds: number): void {
    this.#add(tenant, { ...newUsage(), requests: 1, invocations: 1, seconds });
  }

  /** Writes what is noted, at most so often. An instance that is never called again takes what it noted last with it. */
  async settled(everyMs = 60_000): Promise<void> {
    const { now, meter } = this.#options;
    if (this.#open.size === 0 || now() - this.#writtenAt < everyMs) return;
    this.#writtenAt = now();
    for (const tenant of this.#open.keys()) this.#add(tenant, { ...newUsage(), ...meter.take(tenant) });
    await this.#write();
  }

  #add(tenant: string, usage: Usage): void {
    const sum = this.#open.get(tenant) ?? {};
    addUsage(sum, { [this.#options.work]: usage });
    this.#open.set(tenant, sum);
  }

  async #write(): Promise<void> {
    const { work, recorder, now, newId, log } = this.#options;
    const entries = [...this.#open];
    this.#open.clear();
    await Promise.all(
      entries.map(async ([tenant, usage]) => {
        try {
          await recorder.recordUsage(tenant, { id: `${work}#${newId()}`, timestamp: now(), usage });
        } catch (error) {
          const kept = this.#open.get(tenant) ?? {};
          addUsage(kept, usage);
          this.#open.set(tenant, kept);
          log.warn('cannot write down what was taken of AWS', { error: error as Error });
        }
      }),
    );
  }
}

/** Runs what one invocation does for some tenants, and shares out what it took; without a book it only runs. */
export async function shareUsage<T>(
  { usage, tenants }: { readonly usage?: UsageBook; readonly tenants: readonly { readonly name: string }[] },
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    const names = tenants.map(({ name }) => name);
    await usage?.share(names, (performance.now() - began) / 1000);
  }
}
