import { CorruptBlockError } from './corrupt-block-error.ts';

/** Reads what `ByteWriter` wrote. Every method throws CorruptBlockError rather than read past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(): number {
    const value = this.#bytes[this.#offset];
    if (value === undefined) throw new CorruptBlockError(`cannot read block: it ends at byte ${this.#offset}`);
    this.#offset++;
    return value;
  }

  varint(): number {
    const bytes = this.#bytes;
    const at = this.#offset;
    // Nearly all numbers take one or two bytes. Beyond the end there is `undefined`, which is no small number.
    const first = bytes[at] as number;
    if (first < 0x80) {
      this.#offset = at + 1;
      return first;
    }
    const second = bytes[at + 1] as number;
    if (second < 0x80) {
      this.#offset = at + 2;
      return (first & 0x7f) | (second << 7);
    }
    return this.#longVarint();
  }

  zigzag(): number {
    return unzigzag(this.varint());
  }

  /** Fills [begin, end) of `into` with varints: the loop keeps its place in a register. */
  varints(into: Float64Array, begin: number, end: number): void {
    const bytes = this.#bytes;
    let at = this.#offset;
    for (let i = begin; i < end; i++) {
      const first = bytes[at] as number;
      if (first < 0x80) {
        into[i] = first;
        at++;
        continue;
      }
      this.#offset = at;
      into[i] = this.varint();
      at = this.#offset;
    }
    this.#offset = at;
  }

  /** The same for zigzagged numbers. */
  zigzags(into: Float64Array, begin: number, end: number): void {
    const bytes = this.#bytes;
    let at = this.#offset;
    for (let i = begin; i < end; i++) {
      let value = 0;
      let byte = 0x80;
      // Four bytes are 28 bits, which bit operations know.
      for (let shift = 0; shift < 28; shift += 7) {
        byte = bytes[at++] as number;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      if (byte < 0x80) {
        into[i] = (value >>> 1) ^ -(value & 1);
        continue;
      }
      this.#offset = at - 4;
      into[i] = unzigzag(this.#longVarint());
      at = this.#offset;
    }
    this.#offset = at;
  }

  uint32(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }

  float64(): number {
    const bytes = this.take(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    if (length > this.remaining) {
      throw new CorruptBlockError(
        `cannot read block: ${length} bytes wanted at byte ${this.#offset}, ${this.remaining} left`,
      );
    }
    const bytes = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return bytes;
  }

  /** The bytes that `ByteWriter.section` wrote. */
  section(): Uint8Array {
    return this.take(this.varint());
  }

  /** A count of things that take at least `bytesEach` of the bytes left: no count can ask for memory it has no bytes for. */
  count(bytesEach: number): number {
    const count = this.varint();
    if (count * bytesEach > this.remaining) {
      throw new CorruptBlockError(`cannot read block: ${count} entries do not fit its ${this.remaining} bytes`);
    }
    return count;
  }

  /** @throws CorruptBlockError when bytes are left. */
  end(): void {
    if (this.remaining > 0) throw new CorruptBlockError(`cannot read block: ${this.remaining} bytes too many`);
  }

  #longVarint(): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (scale > 2 ** 49) throw new CorruptBlockError(`cannot read block: varint too long at byte ${this.#offset}`);
      const byte = bytes[this.#offset];
      if (byte === undefined) throw new CorruptBlockError(`cannot read block: it ends at byte ${this.#offset}`);
      this.#offset++;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    if (value > Number.MAX_SAFE_INTEGER) {
      throw new CorruptBlockError(`cannot read block: varint too large at byte ${this.#offset}`);
    }
    return value;
  }
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
