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
    const kind = tag & 3;
    if (kind === 0) {
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
      // Which of the forms comes next nobody can predict, so all are read and one is chosen.
      const isShort: bool = kind === 1;
      const next: u32 = load<u16>(at);
      const size: usize = select<u32>(((tag >> 2) & 7) + 4, (tag >> 2) + 1, isShort);
      let offset: usize = select<u32>(((tag >> 5) << 8) | (next & 0xff), next, isShort);
      if (kind === 3) offset = load<u32>(at++);
      at += <usize>kind;
      if (at > end || offset === 0 || offset > out - to || size > outEnd - out) return -1;
      copyBack(out, offset, size);
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

/** Copies 32 bytes, then 16 at a time: what is too much is overwritten by the next element, or is slack. */
function copyForward(to: usize, from: usize, size: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  for (let i: usize = 32; i < size; i += 16) v128.store(to + i, v128.load(from + i));
}

/** Repeats up to 64 bytes from `offset` before; a copy that overlaps itself repeats what it has just written. */
function copyBack(to: usize, offset: usize, size: usize): void {
  const from = to - offset;
  if (offset >= 64) {
    const first = v128.load(from);
    const second = v128.load(from, 16);
    const third = v128.load(from, 32);
    const fourth = v128.load(from, 48);
    v128.store(to, first);
    v128.store(to, second, 16);
    v128.store(to, third, 32);
    v128.store(to, fourth, 48);
  } else if (offset >= 16) {
    for (let i: usize = 0; i < size; i += 16) v128.store(to + i, v128.load(from + i));
  } else {
    for (let i: usize = 0; i < size; i++) store<u8>(to + i, load<u8>(from + i));
  }
}
