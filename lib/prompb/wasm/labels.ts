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

/** How many labels a block holds that is nothing but labels; -1 when it holds anything else. */
export function countLabels(at: usize, end: usize): i32 {
  let count = 0;
  while (at < end) {
    at = readLabel(at, end);
    if (at === 0) return -1;
    count++;
  }
  return count;
}

/** `__name__`, read as a number of eight bytes. */
const METRIC_NAME: u64 = ((<u64>0x5f5f656d) << 32) | 0x616e5f5f;

/** Whether the text is `__name__`. */
export function isMetricName(at: usize, length: usize): bool {
  return length === 8 && load<u64>(at) === METRIC_NAME;
}
