import { readVarint32, varintEnd } from './varint';

/**
 * Undoes the snappy block format from `from` to `to`, where `maxBytes` and 64 bytes of slack are free. Answers how many
 * bytes came out, or -1 for whatever is not a whole block within its bounds; why is for the plain decoder to say.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: the hottest of all loops keeps its state in locals.
export function snappyDecode(from: usize, length: usize, to: usize, maxBytes: usize): isize {
  const end = from + length;
  const claimed: usize = readVarint32(from, end);
  if (varintEnd === 0 || claimed > maxBytes) return -1;
  let at = varintEnd;
  let out = to;
  const outEnd = to + claimed;
  while (at < end) {
    const tag: u32 = load<u8>(at++);
    if ((tag & 3) === 0) {
      let size: usize = (tag >> 2) + 1;
      if (size > 60) {
        const bytes = size - 60;
        if (at + bytes > end) return -1;
        size = <usize>readLittleEndian(at, bytes) + 1;
        at += bytes;
        // A 32-bit length may wrap around to zero.
        if (size === 0) return -1;
      }
      if (size > end - at || size > outEnd - out) return -1;
      copyForward(out, at, size);
      at += size;
      out += size;
    } else {
      let size: usize;
      let offset: usize;
      if ((tag & 3) === 1) {
        if (at >= end) return -1;
        size = ((tag >> 2) & 7) + 4;
        offset = ((tag >> 5) << 8) | load<u8>(at++);
      } else {
        const bytes: usize = (tag & 3) === 2 ? 2 : 4;
        if (at + bytes > end) return -1;
        size = (tag >> 2) + 1;
        offset = readLittleEndian(at, bytes);
        at += bytes;
      }
      if (offset === 0 || offset > out - to || size > outEnd - out) return -1;
      if (offset >= 16) copyForward(out, out - offset, size);
      else copyPattern(out, offset, size);
      out += size;
    }
  }
  return out === outEnd ? <isize>claimed : -1;
}

function readLittleEndian(at: usize, bytes: usize): u32 {
  let value: u32 = 0;
  for (let i: usize = 0; i < bytes; i++) value |= (<u32>load<u8>(at + i)) << ((<u32>i) << 3);
  return value;
}

/** Copies 16 bytes at a time, up to 15 more than asked for: the next element, or the slack, is overwritten by then. */
function copyForward(to: usize, from: usize, size: usize): void {
  v128.store(to, v128.load(from));
  for (let i: usize = 16; i < size; i += 16) v128.store(to + i, v128.load(from + i));
}

/** A copy that overlaps itself repeats the bytes in front of it. */
function copyPattern(to: usize, offset: usize, size: usize): void {
  for (let i: usize = 0; i < size; i++) store<u8>(to + i, load<u8>(to - offset + i));
}
