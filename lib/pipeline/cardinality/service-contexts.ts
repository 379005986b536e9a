import { StorageUnavailableError } from '../../storage/errors.ts';
import type { Registers } from '../../storage/registers.ts';
import { DAY_MS } from '../../storage/retention-window.ts';

/** The area of the registers; docs/storage-format.md has their shape. */
export const CONTEXTS_AREA = 'contexts';

/** A context that was not seen for this long frees its place. */
export const CONTEXT_DAYS = 7;

/** What a register of the area holds; its name is `service` as JSON. */
export interface StoredContexts {
  /** Each context with the day (since the epoch) it was last seen on. */
  readonly contexts: readonly (readonly [context: string, day: number])[];
  /** The last day on which one found no room; 0 for none. */
  readonly overflowed: number;
}

/** A full service is read again this often, ms: places may have been freed. */
const REREAD_MS = 10 * 60_000;

/** Contexts that one worker remembers, of all services; what is forgotten costs a read. */
const MAX_REMEMBERED = 200_000;

const MAX_ATTEMPTS = 20;

interface Remembered {
  readonly revision: number;
  readonly contexts: ReadonlyMap<string, number>;
  readonly overflowed: number;
  readonly readAt: number;
}

export interface ServiceContextsOptions {
  readonly registers: Registers;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Which contexts of a service were admitted, the same for all workers and after restarts. One that was admitted stays
 * so while it is seen; one that found no room gets one only where another was not seen for a week, or the budget grew.
 */
export class ServiceContexts {
  readonly #options: ServiceContextsOptions;
  /** By tenant and service, least recently used first. */
  readonly #remembered = new Map<string, Remembered>();
  #size = 0;

  constructor(options: ServiceContextsOptions) {
    this.#options = options;
  }

  /**
   * The contexts, of those asked for, that are admitted.
   *
   * @throws StorageUnavailableError
   */
  async admit(
    tenant: string,
    service: string,
    contexts: readonly string[],
    budget: number,
  ): Promise<ReadonlySet<string>> {
    const key = JSON.stringify([tenant, service]);
    const now = this.#options.now();
    const today = Math.floor(now / DAY_MS);
    let known = this.#remembered.get(key);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (known !== undefined && (attempt > 0 || !this.#isStale(known, contexts, budget, now))) {
        const next = decide(known, contexts, budget, today);
        if (next === known || (await this.#replace(tenant, service, next))) {
          this.#remember(key, next === known ? known : { ...next, revision: known.revision + 1 });
          return new Set(contexts.filter((context) => next.contexts.has(context)));
        }
      }
      known = await this.#read(tenant, service, now);
    }
    throw new StorageUnavailableError(
      `cannot admit contexts of ${service}: other workers were first ${MAX_ATTEMPTS} times`,
    );
  }

  /** Whether others may know more: there is something to decide, or the service was full for a while. */
  #isStale({ contexts: admitted, readAt }: Remembered, contexts: readonly string[], budget: number, now: number) {
    if (contexts.every((context) => admitted.has(context))) return false;
    return admitted.size < budget || now - readAt >= REREAD_MS;
  }

  async #read(tenant: string, service: string, now: number): Promise<Remembered> {
    const found = await this.#options.registers.read<StoredContexts>(tenant, { area: CONTEXTS_AREA, name: service });
    return {
      revision: found?.revision ?? 0,
      contexts: new Map(found?.value.contexts),
      overflowed: found?.value.overflowed ?? 0,
      readAt: now,
    };
  }

  #replace(tenant: string, service: string, { contexts, overflowed, revision }: Remembered): Promise<boolean> {
    const value: StoredContexts = { contexts: [...contexts], overflowed };
    const register = { area: CONTEXTS_AREA, name: service };
    return this.#options.registers.replace(tenant, register, revision, value, 2 * CONTEXT_DAYS);
  }

  #remember(key: string, remembered: Remembered): void {
    this.#forget(key);
    this.#remembered.set(key, remembered);
    this.#size += remembered.contexts.size + 1;
    for (const oldest of this.#remembered.keys()) {
      if (this.#size <= MAX_REMEMBERED || oldest === key) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const known = this.#remembered.get(key);
    if (known === undefined) return;
    this.#remembered.delete(key);
    this.#size -= known.contexts.size + 1;
  }
}

/** What is known afterwards; the same object where nothing is worth writing. */
function decide(known: Remembered, contexts: readonly string[], budget: number, today: number): Remembered {
  const admitted = new Map(known.contexts);
  let { overflowed } = known;
  let changed = false;
  // Those that are seen first keep their places from those that come.
  const [held, strangers] = [contexts.filter((one) => admitted.has(one)), contexts.filter((one) => !admitted.has(one))];
  for (const context of held) {
    if (admitted.get(context) === today) continue;
    admitted.set(context, today);
    changed = true;
  }
  for (const context of strangers) {
    if (admitted.size >= budget) freePlace(admitted, today);
    if (admitted.size < budget) admitted.set(context, today);
    else if (overflowed === today) continue;
    else overflowed = today;
    changed = true;
  }
  return changed ? { ...known, contexts: admitted, overflowed } : known;
}

function freePlace(admitted: Map<string, number>, today: number): void {
  for (const [context, day] of admitted) {
    if (today - day > CONTEXT_DAYS) {
      admitted.delete(context);
      return;
    }
  }
}
