import type { Tenant } from '../context/tenant.ts';
import { SeriesMemory } from '../prompb/series-memory.ts';
import type { Selects } from './select-series.ts';

export interface SeriesMemoriesOptions {
  /** How much all of them may keep of series, in bytes. */
  readonly bytes?: number;
  /** Among how many tenants at least that is divided; a few hot ones are remembered where there are many. */
  readonly tenants?: number;
  /** For tests: see `SeriesMemory`. */
  readonly hashMask?: number;
}

interface Kept {
  readonly memory: SeriesMemory;
  readonly selects: Selects;
}

const DEFAULT_BYTES = 128 * 1024 * 1024;
const MAX_GENERATION_BYTES = 64 * 1024 * 1024;
const MIN_GENERATION_BYTES = 4 * 1024 * 1024;

/**
 * A memory for each tenant, never shared: what one tenant sends can neither slow down nor be seen by another. A memory
 * goes with the selection and the limits that its verdicts came from. Where there are more tenants than room, the one
 * that was quiet the longest is forgotten.
 */
export class SeriesMemories {
  readonly #kept = new Map<Tenant, Kept>();
  readonly #generationBytes: number;
  readonly #limit: number;
  readonly #hashMask: number | undefined;

  constructor({ bytes = DEFAULT_BYTES, tenants = 1, hashMask }: SeriesMemoriesOptions = {}) {
    const share = Math.max(Math.floor(bytes / (2 * tenants)), MIN_GENERATION_BYTES);
    this.#generationBytes = Math.min(share, MAX_GENERATION_BYTES, Math.max(1024, Math.floor(bytes / 2)));
    this.#limit = Math.max(1, Math.floor(bytes / (2 * this.#generationBytes)));
    this.#hashMask = hashMask;
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
    const generationBytes = this.#generationBytes;
    return new SeriesMemory({
      generationBytes,
      limits,
      ...(this.#hashMask === undefined ? {} : { hashMask: this.#hashMask }),
    });
  }
}
