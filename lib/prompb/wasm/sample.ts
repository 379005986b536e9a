import { readVarint32, readVarint64, varintEnd } from './varint';

/** Tags of the fields of `Sample`, the same in 1.0 and 2.0, and of `samples` in a series. */
export const SAMPLES: u32 = 0x12;
const VALUE: u32 = 0x09;
const TIMESTAMP: u32 = 0x10;
const START_TIMESTAMP: u32 = 0x18;

let mint: i64 = 0;
let maxt: i64 = 0;

/** Which timestamps (ms) are taken, both bounds included. */
export function setTimes(from: i64, to: i64): void {
  mint = max<i64>(from, 1);
  maxt = to;
}

/**
 * Where the one sample of a 1.0 series begins that ends at `end`: its tag, 16 or (a value of zero is left out) 7 bytes
 * of it, with a timestamp of six bytes as all between 1971 and 2109 have. 0 for anything else.
 */
export function sampleBefore(end: usize, start: usize): usize {
  if (end >= start + 18 && load<u8>(end - 7) === TIMESTAMP && isSixByteVarint(end - 6)) {
    if (load<u16>(end - 18) === 0x1012 && load<u8>(end - 16) === VALUE) return end - 18;
  }
  if (
    end >= start + 9 &&
    load<u16>(end - 9) === 0x0712 &&
    load<u8>(end - 7) === TIMESTAMP &&
    isSixByteVarint(end - 6)
  ) {
    return end - 9;
  }
  return 0;
}

/** Five bytes that go on and one that does not. */
function isSixByteVarint(at: usize): bool {
  return (load<u32>(at) & 0x80808080) === 0x80808080 && (load<u16>(at + 4) & 0x8080) === 0x0080;
}

/** Whether the timestamp in the last six bytes is taken. */
export function isTimely(end: usize): bool {
  const timestamp = sixByteVarint(end - 6);
  return timestamp >= mint && timestamp <= maxt;
}

/** Seven bits of each byte. */
function sixByteVarint(at: usize): i64 {
  const bytes = load<u64>(at);
  const low = (bytes & 0x7f) | ((bytes >> 1) & (0x7f << 7)) | ((bytes >> 2) & (0x7f << 14));
  const high =
    ((bytes >> 3) & ((<u64>0x7f) << 21)) | ((bytes >> 4) & ((<u64>0x7f) << 28)) | ((bytes >> 5) & ((<u64>0x7f) << 35));
  return <i64>(low | high);
}

/**
 * Reads the fields of a `Sample` in the order that senders write them. Answers false for any other order or field, and
 * where time or start time need a closer look.
 */
export function isTimelySample(at: usize, end: usize): bool {
  if (at + 9 <= end && load<u8>(at) === VALUE) at += 9;
  if (at >= end || load<u8>(at) !== TIMESTAMP) return false;
  if (at + 7 === end && isSixByteVarint(at + 1)) return isTimely(end);
  const timestamp = <i64>readVarint64(at + 1, end);
  if (varintEnd === 0 || timestamp < mint || timestamp > maxt) return false;
  at = varintEnd;
  if (at === end) return true;
  if (load<u8>(at) !== START_TIMESTAMP) return false;
  const start = <i64>readVarint64(at + 1, end);
  return varintEnd === end && start >= 0 && start <= timestamp;
}

/** Skips the tag of a delimited field and reads its length: where its content starts, or 0. `contentEnd` is its end. */
export function enterField(at: usize, end: usize, tag: u32): usize {
  if (at >= end || load<u8>(at) !== tag) return 0;
  const short: usize = load<u8>(at + 1);
  if (short < 0x80) {
    contentEnd = at + 2 + short;
    return contentEnd <= end ? at + 2 : 0;
  }
  const length: usize = readVarint32(at + 1, end);
  if (varintEnd === 0 || length > end - varintEnd) return 0;
  contentEnd = varintEnd + length;
  return varintEnd;
}

export let contentEnd: usize = 0;
