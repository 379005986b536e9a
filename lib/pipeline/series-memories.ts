import type { Tenant } from '../context/tenant.ts';
import { SeriesMemory, type SeriesMemoryOptions } from '../prompb/series-memory.ts';
import type { Selects } from './select-series.ts';

export interface SeriesMemoriesOptions {
  /** How much all of them may take, in bytes. */
  readonly bytes?: number;
  /** Among how many tenants that is divided, as far as it goes. */
  readonly tenants?: number;
  /** For tests, in place of a share: see `SeriesMemory`. */
  readonly generationBytes?: number;
  readonly hashMask?: number;
}

interface Kept {
  readonly memory: SeriesMemory;
  readonly selects: Selects;
}

const MIB = 1024 * 1024;
/** A quarter of the function's memory. */
const DEFAULT_BYTES = 128 * MIB;
/** What a memory uses for a large request, beside what it remembers. */
const WORKING_BYTES = 24 * MIB;
const MIN_GENERATION_BYTES = 4 * MIB;
/** Two of them and what a request needs stay below 2 GiB: JavaScript reads addresses beyond as negative numbers. */
const MAX_GENERATION_BYTES = 960 * MIB;

/**
 * A memory for each tenant, never shared: what one tenant sends can neither slow down nor be seen by another. A memory
 * goes with the selection and the limits that its verdicts came from. Where there are more tenants than room, the one
 * that was quiet the longest is forgotten.
 */
export class SeriesMemories {
  readonly #kept = new Map<Tenant, Kept>();
  readonly #options: Pick<SeriesMemoryOptions, 'generationBytes' | 'hashMask'>;
  readonly #limit: number;

  constructor({ bytes = DEFAULT_BYTES, tenants = 1, generationBytes, hashMask }: SeriesMemoriesOptions = {}) {
    const size = generationBytes ?? shareOf(bytes, tenants);
    this.#options = { generationBytes: size, ...(hashMask === undefined ? {} : { hashMask }) };
    this.#limit = Math.max(1, Math.floor(bytes / (2 * size + WORKING_BYTES)));
  }

  of(tenant: Tenant, selects: Selects): SeriesMemory {
    const known = this.#kept.get(tenant);
    const kept =
      known !== undefined && known.selects === selects ? known : { memory: this.#newMemory(tenant), selects };
    // The order of a map is that of insertion: the first is the one that was quiet the longest.
    this.#kept.delete(tenant);
    this.#kept.set(tenant, kept);
    const [quietest] = this.#kept.keys();
    if (this.#kept.size > this.#limit && quietest !== undefined) this.#kept.delete(quietest);
    return kept.memory;
  }

  #newMemory({ limits }: Tenant): SeriesMemory {
    return new SeriesMemory({ limits, ...this.#options });
  }
}

/** Bytes of each of the two generations of a tenant's memory. */
function shareOf(bytes: number, tenants: number): number {
  const share = Math.floor((bytes / Math.max(1, tenants) - WORKING_BYTES) / 2);
  return Math.min(Math.max(share, MIN_GENERATION_BYTES), MAX_GENERATION_BYTES);
}
