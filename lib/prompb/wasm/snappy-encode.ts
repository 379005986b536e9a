import { copyRoughly } from './bytes';
import { MATCH_TABLE, MATCH_TABLE_BITS } from './memory-layout';
import { writeVarint } from './varint';

/** Copies reach at most this far back, so that every offset has two bytes. */
const BLOCK: usize = 1 << 16;
const MULTIPLIER: u32 = 0x1e35a7bd;

/** Compresses to one snappy block; `to` has room for the worst case. Answers its length. */
export function snappyEncode(from: usize, length: usize, to: usize): usize {
  let out = writeVarint(to, <u32>length);
  for (let done: usize = 0; done < length; done += BLOCK) {
    out = encodeBlock(from + done, min<usize>(BLOCK, length - done), out);
  }
  return out - to;
}

/** The first match found is taken; where nothing matches for a while, steps become longer. */
function encodeBlock(from: usize, length: usize, out: usize): usize {
  const end = from + length;
  let bits: u32 = 8;
  while (bits < MATCH_TABLE_BITS && (<usize>1) << bits < length) bits++;
  memory.fill(MATCH_TABLE, 0, (<usize>2) << bits);
  const shift = 32 - bits;
  let literal = from;
  let at = from + 1;
  let misses: usize = 32;
  while (at + 8 <= end) {
    const sequence = load<u32>(at);
    const slot = MATCH_TABLE + ((<usize>((sequence * MULTIPLIER) >> shift)) << 1);
    const candidate = from + load<u16>(slot);
    store<u16>(slot, <u16>(at - from));
    if (candidate >= at || load<u32>(candidate) !== sequence) {
      at += misses++ >> 5;
      continue;
    }
    misses = 32;
    const size: usize = 4 + matchLength(candidate + 4, at + 4, end);
    out = writeLiteral(literal, at - literal, out);
    out = writeCopy(at - candidate, size, out);
    at += size;
    literal = at;
  }
  return writeLiteral(literal, end - literal, out);
}

function matchLength(a: usize, b: usize, end: usize): usize {
  const start = b;
  while (b + 8 <= end) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference !== 0) return b - start + <usize>(ctz<u64>(difference) >> 3);
    a += 8;
    b += 8;
  }
  while (b < end && load<u8>(a) === load<u8>(b)) {
    a++;
    b++;
  }
  return b - start;
}

function writeLiteral(from: usize, length: usize, out: usize): usize {
  if (length === 0) return out;
  const size = <u32>length - 1;
  if (size < 60) {
    store<u8>(out++, size << 2);
  } else if (size < 1 << 8) {
    store<u8>(out, 60 << 2);
    store<u8>(out + 1, size);
    out += 2;
  } else {
    store<u8>(out, 61 << 2);
    store<u16>(out + 1, size);
    out += 3;
  }
  copyRoughly(out, from, length);
  return out + length;
}

function writeCopy(offset: usize, size: usize, out: usize): usize {
  while (size > 64) {
    // Four bytes at least must be left for the last one.
    const part: usize = size < 68 ? 60 : 64;
    out = writeLongCopy(offset, part, out);
    size -= part;
  }
  if (size > 11 || size < 4 || offset >= 2048) return writeLongCopy(offset, size, out);
  store<u8>(out, 1 | ((size - 4) << 2) | ((offset >> 8) << 5));
  store<u8>(out + 1, offset);
  return out + 2;
}

function writeLongCopy(offset: usize, size: usize, out: usize): usize {
  store<u8>(out, 2 | ((size - 1) << 2));
  store<u16>(out + 1, <u16>offset);
  return out + 3;
}
