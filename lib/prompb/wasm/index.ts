/**
 * The fast path of the receiver: uncompresses a remote-write request, walks its series, recognises those whose labels
 * it has met before, and writes the samples of selected ones into a message for the queue. It decides nothing: what a
 * series is worth, JavaScript says once (`remember`). Whatever is not exactly as senders usually write it is handed to
 * the plain decoder, series by series or as a whole.
 */
import {
  configure,
  findYoung,
  flipCount,
  hashOf,
  keyLength,
  keyOf,
  makeRoom,
  SERIES_V1,
  SERIES_V2,
  SYMBOL,
} from './generations';
import { isMetricName, nameAt, nameLength, readLabel, valueAt, valueLength } from './labels';
import { COMPRESSED, MAX_COMPRESSED, MAX_RAW, MAX_SCRATCH, RAW, REFS, SCRATCH } from './memory-layout';
import { closeMessage, messageNumber, openMessage } from './message';
import { setTimes } from './sample';
import { addSeries, forgetLastSeries, refsOf, setName } from './series-entry';
import { snappyDecode } from './snappy-decode';
import { forgetLastSymbol, internSymbol, namesSeries } from './symbol-entry';
import * as walk from './walk';

/** Answers how many bytes of memory are needed for two generations of `bytes` each. */
export function prepare(bytes: usize, seedLow: u32, seedHigh: u32, hashMask: u32): usize {
  return configure(bytes, ((<u64>seedHigh) << 32) | <u64>seedLow, hashMask);
}

/** Where JavaScript puts a compressed body, and finds a compressed message. */
export function compressedAt(): usize {
  return COMPRESSED;
}

export function maxCompressed(): usize {
  return MAX_COMPRESSED;
}

export function scratchAt(): usize {
  return SCRATCH;
}

export function maxScratch(): usize {
  return MAX_SCRATCH;
}

/** Begins a request whose body was put in place. Times are in milliseconds. False: take the plain way. */
export function open(length: usize, isV2: bool, mint: f64, maxt: f64): bool {
  const before = flipCount();
  makeRoom();
  if (flipCount() !== before) {
    forgetLastSeries();
    forgetLastSymbol();
  }
  setTimes(<i64>mint, <i64>maxt);
  const raw = snappyDecode(COMPRESSED, length, RAW, MAX_RAW);
  if (raw < 0) return false;
  openMessage();
  return walk.openWalk(RAW, raw, isV2);
}

export function next(): i32 {
  return walk.next();
}

export function skip(): void {
  walk.skip();
}

export function itemAt(): usize {
  return walk.itemAt;
}

export function itemEnd(): usize {
  return walk.itemEnd;
}

/** How many symbols a 2.0 request has; its symbols' texts are at `symbolAt`, `symbolLength` long. */
export function symbolCount(): u32 {
  return walk.requestSymbolCount();
}

export function symbolAt(index: u32): usize {
  return keyOf(walk.requestSymbol(index));
}

export function symbolLength(index: u32): u32 {
  return keyLength(walk.requestSymbol(index));
}

/** Remembers the new series at hand as one that no rule uses. False when there is no room. */
export function rememberUnselected(isV2: bool): bool {
  return add(isV2, 0) !== 0;
}

/** Remembers the new series of 1.0 at hand as selected, with its labels as they were sent. */
export function rememberSelectedV1(): bool {
  return rememberLabels(false, walk.keyAt, walk.keyBytes);
}

/** Remembers the new series of 2.0 at hand as selected, with its labels as they were sent. */
export function rememberSelectedV2(): bool {
  const series = add(true, walk.keyElements);
  if (series === 0) return false;
  memory.copy(refsOf(series), REFS, (<usize>walk.keyElements) << 2);
  for (let i: usize = 0; i < walk.keyElements; i += 2) {
    const name: usize = load<u32>(REFS + (i << 2));
    if (isMetricName(keyOf(name), keyLength(name))) setName(series, load<u32>(REFS + (i << 2) + 4));
  }
  return true;
}

/** Remembers the new series at hand as selected, with the labels, encoded as 1.0 does, that are in the scratch space. */
export function rememberSelectedAs(isV2: bool, length: usize): bool {
  return rememberLabels(isV2, SCRATCH, length);
}

function rememberLabels(isV2: bool, labels: usize, length: usize): bool {
  const end = labels + length;
  let count: u32 = 0;
  // The symbols first: an entry must never be found without them.
  for (let at = labels; at < end; count++) {
    at = readLabel(at, end);
    if (at === 0 || internSymbol(nameAt, nameLength) === 0 || internSymbol(valueAt, valueLength) === 0) return false;
  }
  const series = add(isV2, count * 2);
  if (series === 0) return false;
  let ref = refsOf(series);
  for (let at = labels; at < end; ref += 8) {
    at = readLabel(at, end);
    const value = internSymbol(valueAt, valueLength);
    store<u32>(ref, <u32>internSymbol(nameAt, nameLength));
    store<u32>(ref + 4, <u32>value);
    if (isMetricName(nameAt, nameLength)) setName(series, value);
  }
  return true;
}

/** What the plain decoder counts: 4 for a series, a sample, and a label with its texts or a reference. */
function add(isV2: bool, refs: u32): usize {
  const elements = isV2 ? 6 + walk.keyElements : 5 + 3 * walk.keyElements;
  return addSeries(isV2 ? SERIES_V2 : SERIES_V1, walk.keyAt, walk.keyBytes, refs, elements);
}

export function selected(): u32 {
  return walk.selected;
}

export function unselected(): u32 {
  return walk.unselected;
}

export function metadata(): u32 {
  return walk.metadata;
}

/** Whether the message has a series of the metric name in the scratch space. */
export function isNamed(length: usize): bool {
  const symbol = findYoung(SYMBOL, SCRATCH, length, hashOf(SYMBOL, SCRATCH, length));
  return symbol !== 0 && namesSeries(messageNumber(), symbol);
}

/** Ends the message and answers the length of its compressed form; 0 when it is too large. */
export function close(): usize {
  return closeMessage();
}

/** How often a full generation became the old one. */
export function turns(): u32 {
  return flipCount();
}
