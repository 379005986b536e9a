import type { Source } from '../context/tenant.ts';
import { LabelMemory, type LabelMemoryOptions } from '../prompb/label-memory.ts';
import type { ReceivedSeries } from './received-series.ts';

export interface ReceivedMemoriesOptions extends Partial<Pick<LabelMemoryOptions, 'keepMs' | 'now' | 'hashMask'>> {
  /** How much all of them may take, in bytes. */
  readonly bytes?: number;
  /** Among how many sources that is divided, as far as it goes. */
  readonly sources?: number;
  /** For tests, in place of a share: see `LabelMemory`. */
  readonly sourceBytes?: number;
}

const MIB = 1024 * 1024;
const DEFAULT_BYTES = 128 * MIB;
/** For some four thousand series. */
const MIN_SOURCE_BYTES = 16 * MIB;

/**
 * What a worker takes for a series that it remembers, measured over a hundred thousand of eleven labels: the labels as they
 * came, what they become, both as keys, who they are in the store, and what was decided about them.
 */
export const REMEMBERED_BYTES = 3700;

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

  constructor({ bytes = DEFAULT_BYTES, sources = 1, sourceBytes, ...rest }: ReceivedMemoriesOptions = {}) {
    const share = sourceBytes ?? Math.max(bytes / Math.max(1, sources), MIN_SOURCE_BYTES);
    this.#options = { ...rest, bytes: share, valueBytes: REMEMBERED_BYTES };
    this.#limit = Math.max(1, Math.floor(bytes / share));
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
