/** Whether two pieces of memory hold the same bytes. */
export function equal(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 64 <= length; i += 64) {
    const first = v128.or(difference(a + i, b + i), difference(a + i + 16, b + i + 16));
    const second = v128.or(difference(a + i + 32, b + i + 32), difference(a + i + 48, b + i + 48));
    if (v128.any_true(v128.or(first, second))) return false;
  }
  for (; i + 16 <= length; i += 16) if (v128.any_true(difference(a + i, b + i))) return false;
  if (length >= 16) {
    // The last vector overlaps the one before.
    i = length - 16;
    return !v128.any_true(difference(a + i, b + i));
  }
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) !== load<u64>(b + i)) return false;
  for (; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}

/**
 * Copies 16 bytes at a time, up to 15 more than asked for. `memory.copy` leaves the module, which takes longer than a short
 * copy does.
 */
export function copyRoughly(to: usize, from: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

function difference(a: usize, b: usize): v128 {
  return v128.xor(v128.load(a), v128.load(b));
}

const PRIME_1: u64 = ((<u64>0x9e3779b1) << 32) | 0x85ebca87;
const PRIME_2: u64 = ((<u64>0xc2b2ae3d) << 32) | 0x27d4eb4f;

/** A hash that only guides a look-up: the seed keeps strangers from choosing collisions, comparing makes it right. */
export function hash(at: usize, length: usize, seed: u64): u32 {
  let a: u64 = seed ^ (<u64>length * PRIME_1);
  let b: u64 = rotl<u64>(seed, 32);
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) {
    a = rotl<u64>((a ^ load<u64>(at + i)) * PRIME_1, 29);
    b = rotl<u64>((b ^ load<u64>(at + i + 8)) * PRIME_2, 31);
  }
  for (; i + 8 <= length; i += 8) a = rotl<u64>((a ^ load<u64>(at + i)) * PRIME_1, 29);
  for (; i < length; i++) b = rotl<u64>((b ^ load<u8>(at + i)) * PRIME_2, 31);
  a = (a ^ rotl<u64>(b, 17)) * PRIME_2;
  a = (a ^ (a >> 32)) * PRIME_1;
  return <u32>(a ^ (a >> 29));
}

/** Whether bytes are well-formed UTF-8 (Unicode 15, table 3-7). */
export function isUtf8(at: usize, length: usize): bool {
  const end = at + length;
  for (; at + 64 <= end; at += 64) {
    const first = v128.or(v128.load(at), v128.load(at, 16));
    if (i8x16.bitmask(v128.or(first, v128.or(v128.load(at, 32), v128.load(at, 48)))) !== 0) break;
  }
  while (at + 16 <= end && i8x16.bitmask(v128.load(at)) === 0) at += 16;
  // Nothing but ASCII so far, so the last vector may overlap the one before.
  if (length >= 16 && at + 16 > end && i8x16.bitmask(v128.load(end - 16)) === 0) return true;
  while (at < end) {
    const lead = load<u8>(at);
    if (lead < 0x80) {
      at++;
      continue;
    }
    const size = sequenceLength(lead);
    if (size === 0 || at + size > end || !isSecond(lead, load<u8>(at + 1))) return false;
    for (let i: usize = 2; i < size; i++) if ((load<u8>(at + i) & 0xc0) !== 0x80) return false;
    at += size;
  }
  return true;
}

function sequenceLength(lead: u32): usize {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The second byte of a sequence excludes overlong forms, surrogates and what is beyond U+10FFFF. */
function isSecond(lead: u32, second: u32): bool {
  const least: u32 = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most: u32 = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return second >= least && second <= most;
}
