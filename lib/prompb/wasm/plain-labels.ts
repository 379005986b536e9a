import { isUtf8 } from './bytes';
import { keyLength, keyOf } from './generations';
import { isMetricName, nameAt, nameLength, readLabel, valueAt, valueLength } from './labels';
import { MAX_REFS, REFS } from './memory-layout';
import { isText, knownName, symbolLike, symbolOf } from './symbol-entry';

/** Tags of a label of 1.0 and its name, with the bits of their places; and of its value. */
const LABEL_HEAD: u32 = 0x0a000a;
const LABEL_VALUE: u32 = 0x12;
/** `__name__`, as `firstBytes` reads it. */
const METRIC_NAME: u64 = ((<u64>0x5f5f6e61) << 32) | 0x6d655f5f;
/** Names and values of a series together; more is for JavaScript to judge. */
const MAX_BYTES: usize = 256 * 1024;

/** What a tenant's series may have; JavaScript holds everything that is not plain to them. */
let maxLabels: u32 = 0;
let maxName: u32 = 0;
let maxValue: u32 = 0;

export function setLimits(labels: u32, name: u32, value: u32): void {
  maxLabels = min<u32>(labels, MAX_REFS / 2);
  maxName = name;
  maxValue = value;
}

/** What was read before no longer helps to find the symbols of labels. */
export function forgetLabels(): void {
  memory.fill(REFS, 0, (<usize>MAX_REFS) << 2);
}

/** The symbol of the metric name that labels begin with; 0 where it is not known, or they begin with another. */
export function knownNameV1(start: usize, end: usize): usize {
  return readLabel(start, end) !== 0 && isMetricName(nameAt, nameLength) ? knownName(valueAt, valueLength) : 0;
}

/** How many labels `plainNameV1` came to; -1 where there was anything else among them. */
export let labelCount: i32 = 0;

/**
 * The symbol of the metric name of labels that are plainly valid: in strictly ascending order, neither names nor values
 * empty, all of them text, and within the limits. 0 where they are not, or where there is no room.
 */
export function plainNameV1(start: usize, end: usize): usize {
  const metric = skimLabels(start, end);
  return metric !== 0 ? symbolOf(metric + 2, load<u8>(metric + 1)) : readLabels(start, end);
}

/**
 * Where the value of the metric name is, tag and length in front, if the labels are plainly valid and as nearly all are:
 * with lengths of one byte, and names that differ in their first eight. 0 for any others. Faults are gathered and looked
 * at in the end, for a branch that nobody can predict takes longer than all that is read of a label.
 */
function skimLabels(start: usize, end: usize): usize {
  let faults: u32 = 0;
  let former: u64 = 0;
  let metric: usize = 0;
  let count = 0;
  let at = start;
  for (; at < end; count++) {
    // Tag and length of the label, then of its name. Memory beyond the end may be read, but not believed.
    const head = load<u32>(at);
    const nameSize = head >> 24;
    const value = at + 4 + <usize>nameSize;
    const next = at + 2 + <usize>((head >> 8) & 0xff);
    const valueSize = <u32>(next - value - 2);
    faults |= (head & 0xff80ff) ^ LABEL_HEAD;
    faults |= <u32>load<u16>(value) ^ ((valueSize << 8) | LABEL_VALUE);
    faults |= <u32>(nameSize - 1 >= maxName) | <u32>(valueSize - 1 >= maxValue);
    const name = firstBytes(at + 4, nameSize);
    faults |= <u32>(name <= former);
    former = name;
    metric = select<usize>(value, metric, nameSize === 8 && name === METRIC_NAME);
    at = next;
  }
  labelCount = count;
  const isPlain = faults === 0 && at === end && <u32>count <= maxLabels && isUtf8(start, end - start);
  return isPlain ? metric : 0;
}

/** The same of any labels, one by one. */
function readLabels(start: usize, end: usize): usize {
  let former: usize = 0;
  let formerLength: usize = 0;
  let metric: usize = 0;
  let metricLength: usize = 0;
  let isPlain = end - start <= MAX_BYTES;
  labelCount = 0;
  for (let at = start; at < end; labelCount++) {
    at = readLabel(at, end);
    if (at === 0) {
      labelCount = -1;
      return 0;
    }
    isPlain = isPlain && isWithin(nameLength, valueLength) && isBefore(former, formerLength, nameAt, nameLength);
    // Each by itself: a length of two bytes in between is no text.
    isPlain = isPlain && isUtf8(nameAt, nameLength) && isUtf8(valueAt, valueLength);
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

/**
 * Puts the symbols of labels in 1.0 encoding to `REFS` and answers how many they are; -1 when there is no room. Most of
 * them are those of the labels that were there before.
 */
export function internLabels(at: usize, end: usize): i32 {
  let out = REFS;
  const outEnd = REFS + ((<usize>MAX_REFS) << 2);
  while (at < end) {
    at = readLabel(at, end);
    if (at === 0 || out === outEnd) return -1;
    const name = symbolLike(load<u32>(out), nameAt, nameLength);
    const value: usize = name === 0 ? 0 : symbolLike(load<u32>(out + 4), valueAt, valueLength);
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
  const x = firstBytes(a, <u32>aLength);
  const y = firstBytes(b, <u32>bLength);
  if (x !== y) return x < y;
  const shorter = min<usize>(aLength, bLength);
  for (let i: usize = 8; i < shorter; i++) {
    if (load<u8>(a + i) !== load<u8>(b + i)) return load<u8>(a + i) < load<u8>(b + i);
  }
  return aLength < bLength;
}

/** The first eight bytes of a text, zeros behind a shorter one, as a number that sorts as they do. */
function firstBytes(at: usize, length: u32): u64 {
  const bytes = v128.load64_zero(at);
  const number = i64x2.extract_lane(i8x16.shuffle(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0), 0);
  return number & select<u64>(u64.MAX_VALUE, ~(u64.MAX_VALUE >> ((<u64>length) << 3)), length >= 8);
}
