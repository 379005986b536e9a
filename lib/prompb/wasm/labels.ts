import { contentEnd, enterField } from './sample';

const FIRST: u32 = 0x0a;
const SECOND: u32 = 0x12;

/** The label that `readLabel` came to. */
export let nameAt: usize = 0;
export let nameLength: usize = 0;
export let valueAt: usize = 0;
export let valueLength: usize = 0;

/**
 * Reads a label of a 1.0 series, written as name and value and nothing else. Answers where the next one begins, or 0.
 */
export function readLabel(at: usize, end: usize): usize {
  const size: usize = load<u8>(at + 1);
  const nameSize: usize = load<u8>(at + 3);
  const value = at + 4 + nameSize;
  // Lengths of one byte that fit together, as nearly all have. Memory beyond the end may be read, but not believed.
  if (
    size < 0x80 &&
    at + 2 + size <= end &&
    nameSize + 4 <= size &&
    load<u8>(at) === FIRST &&
    load<u8>(at + 2) === FIRST &&
    load<u8>(value) === SECOND &&
    value + 2 + load<u8>(value + 1) === at + 2 + size
  ) {
    nameAt = at + 4;
    nameLength = nameSize;
    valueAt = value + 2;
    valueLength = size - nameSize - 4;
    return at + 2 + size;
  }
  return readLongLabel(at, end);
}

function readLongLabel(at: usize, end: usize): usize {
  const label = enterField(at, end, FIRST);
  if (label === 0) return 0;
  const labelEnd = contentEnd;
  nameAt = enterField(label, labelEnd, FIRST);
  if (nameAt === 0) return 0;
  nameLength = contentEnd - nameAt;
  valueAt = enterField(contentEnd, labelEnd, SECOND);
  valueLength = contentEnd - valueAt;
  return valueAt === 0 || contentEnd !== labelEnd ? 0 : labelEnd;
}

/** `__name__`, read as a number of eight bytes. */
const METRIC_NAME: u64 = ((<u64>0x5f5f656d) << 32) | 0x616e5f5f;

/** Whether the text is `__name__`. */
export function isMetricName(at: usize, length: usize): bool {
  return length === 8 && load<u64>(at) === METRIC_NAME;
}
