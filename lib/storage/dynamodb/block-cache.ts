import type { StoredItem } from './read-items.ts';

interface CachedPartition {
  readonly items: readonly StoredItem[];
  readonly bytes: number;
  readonly readAt: number;
}

/**
 * Items of partitions that hardly change any more, least recently used first, within a bound of bytes. `maxAgeMs` is how
 * long a late write may stay unseen.
 */
export class BlockCache {
  readonly #partitions = new Map<string, CachedPartition>();
  readonly #maxBytes: number;
  readonly #maxAgeMs: number;
  #bytes = 0;

  constructor(maxBytes: number, maxAgeMs: number) {
    this.#maxBytes = maxBytes;
    this.#maxAgeMs = maxAgeMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(pk: string, now: number): readonly StoredItem[] | undefined {
    const cached = this.#partitions.get(pk);
    if (cached === undefined) return undefined;
    this.#delete(pk, cached);
    if (now - cached.readAt > this.#maxAgeMs) return undefined;
    this.#insert(pk, cached);
    return cached.items;
  }

  set(pk: string, items: readonly StoredItem[], now: number): void {
    const bytes = items.reduce((sum, { sk, payload }) => sum + sk.length + payload.length, pk.length);
    const known = this.#partitions.get(pk);
    if (known !== undefined) this.#delete(pk, known);
    if (bytes > this.#maxBytes) return;
    this.#insert(pk, { items, bytes, readAt: now });
    for (const [oldest, cached] of this.#partitions) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#delete(oldest, cached);
    }
  }

  #insert(pk: string, cached: CachedPartition): void {
    this.#partitions.set(pk, cached);
    this.#bytes += cached.bytes;
  }

  #delete(pk: string, cached: CachedPartition): void {
    this.#partitions.delete(pk);
    this.#bytes -= cached.bytes;
  }
}
