import type { Source } from '../context/tenant.ts';
import { LabelMemory, type LabelMemoryOptions } from '../prompb/label-memory.ts';
import type { ReceivedSeries } from './received-series.ts';

export interface ReceivedMemoriesOptions {
  /** How much all of them may take, in bytes. */
  readonly bytes?: number;
  /** For tests, in place of a share: see `LabelMemory`. */
  readonly generationBytes?: number;
  readonly hashMask?: number;
}

const MIB = 1024 * 1024;
const DEFAULT_BYTES = 128 * MIB;
/** A source with more series than fit into this is read more slowly; some 30,000 do. */
const GENERATION_BYTES = 32 * MIB;

interface Kept {
  readonly source: Source;
  readonly memory: LabelMemory<ReceivedSeries>;
}

/**
 * What a worker remembers of the series of each source, never shared: what one sender sends can neither slow down nor be
 * seen by another. Where there are more sources than room, the one that was quiet the longest is forgotten. Goes with one
 * contextualizer and one firewall, whose answers hang on the series.
 */
export class ReceivedMemories {
  readonly #options: LabelMemoryOptions;
  readonly #limit: number;
  /** By tenant and source, the quietest first. */
  readonly #kept = new Map<string, Kept>();

  constructor({ bytes = DEFAULT_BYTES, generationBytes = GENERATION_BYTES, hashMask }: ReceivedMemoriesOptions = {}) {
    this.#options = { generationBytes, ...(hashMask === undefined ? {} : { hashMask }) };
    this.#limit = Math.max(1, Math.floor(bytes / (2 * generationBytes)));
  }

  of(tenant: string, source: Source): LabelMemory<ReceivedSeries> {
    const key = JSON.stringify([tenant, source.name]);
    const known = this.#kept.get(key);
    // Its configuration decides what is remembered.
    const kept = known?.source === source ? known : { source, memory: this.#newMemory() };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [quietest] = this.#kept.keys();
    if (this.#kept.size > this.#limit && quietest !== undefined) this.#kept.delete(quietest);
    return kept.memory;
  }

  #newMemory(): LabelMemory<ReceivedSeries> {
    return new LabelMemory(this.#options);
  }
}
