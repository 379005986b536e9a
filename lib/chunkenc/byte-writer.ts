const INITIAL_BYTES = 256;
/** Of a number below 2^53. */
const MAX_VARINT_BYTES = 8;

/** Bytes appended to a buffer that grows. Varints are LEB128, seven bits a byte, least significant first. */
export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written, as a view; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A whole number in [0, 2^53). */
  varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    // Bit operations know 32 bits only; larger numbers are first brought down by division.
    while (rest > 0x7fffffff) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A whole number in (-2^52, 2^52), small in bytes when small in size. */
  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** Zigzags the differences of [begin, end) of `numbers`, each to the one before; the first to `previous`. */
  differences(numbers: Float64Array, begin: number, end: number, previous: number): void {
    this.#reserve((end - begin) * MAX_VARINT_BYTES);
    const bytes = this.#bytes;
    let length = this.#length;
    let before = previous;
    for (let i = begin; i < end; i++) {
      const number = numbers[i] as number;
      const difference = number - before;
      before = number;
      let rest = difference >= 0 ? difference * 2 : -difference * 2 - 1;
      while (rest > 0x7fffffff) {
        bytes[length++] = (rest % 128) | 0x80;
        rest = Math.floor(rest / 128);
      }
      // As 32 bits from here on.
      let small = rest | 0;
      while (small > 0x7f) {
        bytes[length++] = (small & 0x7f) | 0x80;
        small >>>= 7;
      }
      bytes[length++] = small;
    }
    this.#length = length;
  }

  uint32(value: number): void {
    this.#reserve(4);
    for (let shift = 0; shift < 32; shift += 8) this.#bytes[this.#length++] = value >>> shift;
  }

  /** Eight bytes; for numbers that are written seldom. */
  float64(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.append(bytes);
  }

  /** Bytes with their length before them. */
  section(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.append(bytes);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Bytes that `ByteWriter.zigzag` takes for a number. */
export function zigzagLength(value: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  let length = 1;
  while (rest >= 2 ** 28) {
    rest /= 128;
    length++;
  }
  if (rest < 2 ** 7) return length;
  if (rest < 2 ** 14) return length + 1;
  return rest < 2 ** 21 ? length + 2 : length + 3;
}
