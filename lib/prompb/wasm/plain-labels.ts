import { isUtf8 } from './bytes';
import { keyLength, keyOf } from './generations';
import { isMetricName, nameAt, nameLength, readLabel, valueAt, valueLength } from './labels';
import { MAX_REFS, REFS } from './memory-layout';
import { internSymbol, isText, symbolOf } from './symbol-entry';

/** Names and values of a series together; more is for JavaScript to judge. */
const MAX_BYTES: usize = 256 * 1024;

/** What a tenant's series may have; JavaScript holds everything that is not plain to them. */
let maxLabels: u32 = 0;
let maxName: usize = 0;
let maxValue: usize = 0;

export function setLimits(labels: u32, name: u32, value: u32): void {
  maxLabels = min<u32>(labels, MAX_REFS / 2);
  maxName = name;
  maxValue = value;
}

/** How many labels `plainNameV1` came to; -1 where there was anything else among them. */
export let labelCount: i32 = 0;

/**
 * The symbol of the metric name of labels that are plainly valid: in strictly ascending order, neither names nor values
 * empty, all of them text, and within the limits. 0 where they are not, or where there is no room.
 */
export function plainNameV1(start: usize, end: usize): usize {
  let former: usize = 0;
  let formerLength: usize = 0;
  let metric: usize = 0;
  let metricLength: usize = 0;
  let isPlain = end - start <= MAX_BYTES && isUtf8(start, end - start);
  labelCount = 0;
  for (let at = start; at < end; labelCount++) {
    at = readLabel(at, end);
    if (at === 0) {
      labelCount = -1;
      return 0;
    }
    isPlain = isPlain && isWithin(nameLength, valueLength) && isBefore(former, formerLength, nameAt, nameLength);
    former = nameAt;
    formerLength = nameLength;
    if (isMetricName(nameAt, nameLength)) {
      metric = valueAt;
      metricLength = valueLength;
    }
  }
  return isPlain && metric !== 0 && <u32>labelCount <= maxLabels ? symbolOf(metric, metricLength) : 0;
}

/** The same of the labels whose symbols are at `REFS`. */
export function plainNameV2(refs: u32): usize {
  if (refs > 2 * maxLabels) return 0;
  let bytes: usize = 0;
  let former: usize = 0;
  let formerLength: usize = 0;
  let metric: usize = 0;
  for (let at = REFS, end = REFS + ((<usize>refs) << 2); at < end; at += 8) {
    const name: usize = load<u32>(at);
    const value: usize = load<u32>(at + 4);
    const length: usize = keyLength(name);
    if (!isText(name) || !isText(value) || !isWithin(length, keyLength(value))) return 0;
    if (!isBefore(former, formerLength, keyOf(name), length)) return 0;
    bytes += length + keyLength(value);
    former = keyOf(name);
    formerLength = length;
    if (isMetricName(former, length)) metric = value;
  }
  return bytes > MAX_BYTES ? 0 : metric;
}

/** Puts the symbols of labels in 1.0 encoding to `REFS` and answers how many they are; -1 when there is no room. */
export function internLabels(at: usize, end: usize): i32 {
  let out = REFS;
  const outEnd = REFS + ((<usize>MAX_REFS) << 2);
  while (at < end) {
    at = readLabel(at, end);
    if (at === 0 || out === outEnd) return -1;
    const name = internSymbol(nameAt, nameLength);
    const value: usize = name === 0 ? 0 : internSymbol(valueAt, valueLength);
    if (value === 0) return -1;
    store<u32>(out, <u32>name);
    store<u32>(out + 4, <u32>value);
    out += 8;
  }
  return <i32>((out - REFS) >> 2);
}

function isWithin(name: usize, value: usize): bool {
  return name > 0 && value > 0 && name <= maxName && value <= maxValue;
}

/** Whether one name comes before another in the order of their bytes, which is that of their characters. */
function isBefore(a: usize, aLength: usize, b: usize, bLength: usize): bool {
  const shorter = min<usize>(aLength, bLength);
  for (let i: usize = 0; i < shorter; i++) {
    const x = load<u8>(a + i);
    const y = load<u8>(b + i);
    if (x !== y) return x < y;
  }
  return aLength < bLength;
}
