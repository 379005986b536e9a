/** The text outgrew its bound while it was written. */
export class JsonTooLongError extends Error {
  override name = 'JsonTooLongError';
}

/**
 * Collects JSON text as UTF-8 chunks. Text is gathered into pieces of some 64 KB before it is encoded, so a matrix of
 * millions of points costs neither one huge string nor a buffer per point.
 */
export class JsonWriter {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #pending = '';
  #bytes = 0;

  /** @param maxBytes where writing stops with JsonTooLongError, so that no answer can exhaust memory. */
  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
  }

  /** @throws JsonTooLongError */
  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= CHUNK_CHARACTERS) this.#flush();
  }

  /** The whole text, UTF-8. */
  toBuffer(): Buffer {
    this.#flush();
    const [only] = this.#chunks;
    if (only !== undefined && this.#chunks.length === 1) return only;
    return Buffer.concat(this.#chunks, this.#bytes);
  }

  #flush(): void {
    const chunk = Buffer.from(this.#pending, 'utf8');
    this.#pending = '';
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes)
      throw new JsonTooLongError(`cannot write JSON: more than ${this.#maxBytes} bytes`);
    this.#chunks.push(chunk);
  }
}

const CHUNK_CHARACTERS = 64 * 1024;
