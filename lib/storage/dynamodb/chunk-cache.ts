/** Chunks by their keys, least recently used first, within a bound of bytes. They never change, so none grows stale. */
export class ChunkCache {
  readonly #chunks = new Map<string, Uint8Array>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Uint8Array | undefined {
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return undefined;
    this.#chunks.delete(key);
    this.#chunks.set(key, chunk);
    return chunk;
  }

  set(key: string, chunk: Uint8Array): void {
    this.#delete(key);
    if (sizeOf(key, chunk) > this.#maxBytes) return;
    this.#chunks.set(key, chunk);
    this.#bytes += sizeOf(key, chunk);
    for (const oldest of this.#chunks.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return;
    this.#chunks.delete(key);
    this.#bytes -= sizeOf(key, chunk);
  }
}

function sizeOf(key: string, chunk: Uint8Array): number {
  return key.length + chunk.length;
}
