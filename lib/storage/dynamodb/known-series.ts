import type { SeriesIdentity } from '../series-identity.ts';

/** About 40 MB of ids. */
const MAX_KNOWN = 500_000;

/**
 * What this process knows to be written already, by partition of labels blocks. It only saves writes: forgetting, or
 * never having known, costs a repeated labels block and nothing else.
 */
export class KnownSeries {
  /** By partition key, least recently used first; the hash's check bits by id. */
  readonly #partitions = new Map<string, Map<string, number>>();
  readonly #limit: number;
  #size = 0;

  constructor(limit = MAX_KNOWN) {
    this.#limit = limit;
  }

  /** Whether this process has looked at a partition before. */
  hasPartition(pk: string): boolean {
    return this.#partitions.has(pk);
  }

  has(pk: string, { id, check }: SeriesIdentity): boolean {
    return this.#partitions.get(pk)?.get(id) === check;
  }

  /** Whether the id is known for other labels. */
  collides(pk: string, { id, check }: SeriesIdentity): boolean {
    const known = this.#partitions.get(pk)?.get(id);
    return known !== undefined && known !== check;
  }

  /** Call it only when the labels are durable. */
  add(pk: string, identities: Iterable<SeriesIdentity>): void {
    const partition = this.#partitions.get(pk) ?? new Map<string, number>();
    this.#partitions.delete(pk);
    this.#partitions.set(pk, partition);
    const before = partition.size;
    for (const { id, check } of identities) partition.set(id, check);
    this.#size += partition.size - before;
    this.#evict();
  }

  #evict(): void {
    for (const [pk, partition] of this.#partitions) {
      if (this.#size <= this.#limit) return;
      this.#partitions.delete(pk);
      this.#size -= partition.size;
    }
  }
}
