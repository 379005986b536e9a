/** Where the last varint read ends; 0 when there was none. */
export let varintEnd: usize = 0;

/** Reads a varint of at most 32 bits that ends before `end`. On anything else `varintEnd` is 0. */
export function readVarint32(at: usize, end: usize): u32 {
  let value: u32 = 0;
  for (let shift: u32 = 0; shift < 35 && at < end; shift += 7) {
    const byte: u32 = load<u8>(at++);
    if (shift === 28 && byte > 15) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      varintEnd = at;
      return value;
    }
  }
  varintEnd = 0;
  return 0;
}

/** Reads a varint of at most 64 bits that ends before `end`. On anything else `varintEnd` is 0. */
export function readVarint64(at: usize, end: usize): u64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 70 && at < end; shift += 7) {
    const byte: u64 = load<u8>(at++);
    if (shift === 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      varintEnd = at;
      return value;
    }
  }
  varintEnd = 0;
  return 0;
}

export function varintSize(value: u32): u32 {
  return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
}

/** Writes a varint and answers where it ends. */
export function writeVarint(at: usize, value: u32): usize {
  while (value >= 0x80) {
    store<u8>(at++, value | 0x80);
    value >>= 7;
  }
  store<u8>(at, value);
  return at + 1;
}
