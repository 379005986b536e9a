import { CorruptBlockError } from './corrupt-block-error.ts';

const BYTES_PER_VALUE = 8;

/**
 * Ranges of doubles as bytes: all first bytes, then all second bytes …, most significant first. Signs and exponents of
 * neighbours are alike, which deflate finds.
 */
export function shuffle(values: Float64Array, ranges: readonly (readonly [number, number])[]): Uint8Array {
  const count = ranges.reduce((sum, [begin, end]) => sum + end - begin, 0);
  const planes = new Uint8Array(count * BYTES_PER_VALUE);
  // Bytes are moved, never numbers: a NaN keeps its bits.
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let k = 0, place = 0; k < BYTES_PER_VALUE; k++) {
    for (const [begin, end] of ranges) {
      const last = end * BYTES_PER_VALUE;
      for (let at = begin * BYTES_PER_VALUE + significance(k); at < last; at += BYTES_PER_VALUE) {
        planes[place++] = bytes[at] as number;
      }
    }
  }
  return planes;
}

/** Fills the ranges of `values` with what `shuffle` made of them. @throws CorruptBlockError */
export function unshuffle(
  planes: Uint8Array,
  values: Float64Array,
  ranges: readonly (readonly [number, number])[],
): void {
  const count = ranges.reduce((sum, [begin, end]) => sum + end - begin, 0);
  if (planes.length !== count * BYTES_PER_VALUE) {
    throw new CorruptBlockError(`cannot read sample block: ${planes.length} bytes for ${count} raw values`);
  }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let k = 0, place = 0; k < BYTES_PER_VALUE; k++) {
    for (const [begin, end] of ranges) {
      const last = end * BYTES_PER_VALUE;
      for (let at = begin * BYTES_PER_VALUE + significance(k); at < last; at += BYTES_PER_VALUE) {
        bytes[at] = planes[place++] as number;
      }
    }
  }
}

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Where in memory the byte of a double stands that is k-th by significance. */
function significance(k: number): number {
  return IS_LITTLE_ENDIAN ? BYTES_PER_VALUE - 1 - k : k;
}
