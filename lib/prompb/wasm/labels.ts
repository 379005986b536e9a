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
  // Tag and length of the label, then of its name.
  const head = load<u32>(at);
  const value = at + 4 + <usize>(head >> 24);
  const labelEnd = at + 2 + <usize>((head >> 8) & 0xff);
  // Lengths of one byte that fit together, as nearly all have. Memory beyond the end may be read, but not believed.
  if (
    (head & 0xff80ff) === ((FIRST << 16) | FIRST) &&
    labelEnd <= end &&
    value + 2 <= labelEnd &&
    load<u16>(value) === ((<u32>(labelEnd - value - 2)) << 8) + SECOND
  ) {
    nameAt = at + 4;
    nameLength = <usize>(head >> 24);
    valueAt = value + 2;
    valueLength = labelEnd - valueAt;
    return labelEnd;
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
