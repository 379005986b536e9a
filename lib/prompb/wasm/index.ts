/**
 * The fast path of the receiver: uncompresses a remote-write request, walks its series, recognises those whose labels
 * it has met before, and writes the samples of selected ones into a message for the queue. It decides nothing: what a
 * series is worth, JavaScript says once (`remember`). Whatever is not exactly as senders usually write it is handed to
 * the plain decoder, series by series or as a whole.
 */
import { configure, findYoung, flipCount, hashOf, keyLength, keyOf, makeRoom, SYMBOL } from './generations';
import {
  COMPRESSED,
  MAX_COMPRESSED,
  MAX_RAW,
  MAX_SCRATCH,
  MESSAGE,
  OLD_REFS,
  RAW,
  REFS,
  SCRATCH,
} from './memory-layout';
import { closeMessage, messageNumber, openMessage } from './message';
import { forgetLabels, internLabels, setLimits } from './plain-labels';
import { setTimes } from './sample';
import { forgetLastSeries } from './series-entry';
import { snappyDecode } from './snappy-decode';
import { forgetLastSymbol, isWantedName, markUnusedName, markWantedName, namesSeries } from './symbol-entry';
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

/** What the labels of a series may be; the rest is not plain. */
export function limit(labels: u32, name: u32, value: u32): void {
  setLimits(labels, name, value);
}

/** Begins a request whose body was put in place. Times are in milliseconds. False: take the plain way. */
export function open(length: usize, isV2: bool, mint: f64, maxt: f64): bool {
  const before = flipCount();
  makeRoom();
  if (flipCount() !== before) {
    forgetLastSeries();
    forgetLastSymbol();
    forgetLabels();
  }
  setTimes(<i64>mint, <i64>maxt);
  const raw = snappyDecode(COMPRESSED, length, RAW, MAX_RAW);
  if (raw < 0) return false;
  openMessage();
  return walk.openWalk(RAW, raw, isV2);
}

/** Uncompresses a block that was put in place, to `uncompressedAt`. Answers how many bytes came out; -1: take the plain way. */
export function uncompress(length: usize, maxBytes: usize): isize {
  return snappyDecode(COMPRESSED, length, RAW, maxBytes < MAX_RAW ? maxBytes : MAX_RAW);
}

export function uncompressedAt(): usize {
  return RAW;
}

/** How much memory is needed for that. */
export function uncompressedEnd(): usize {
  return MESSAGE;
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

/** How many symbols a 2.0 request has. */
export function symbolCount(): u32 {
  return walk.requestSymbolCount();
}

export function requestSymbol(index: u32): usize {
  return walk.requestSymbol(index);
}

/** Whether the labels of the new series at hand are plainly valid, so that nobody else has to look. */
export function isPlain(): bool {
  return walk.plainName !== 0;
}

/** Where the metric name of a plain series is in memory, and how long it is. */
export function nameAt(): usize {
  return keyOf(walk.plainName);
}

export function nameLength(): u32 {
  return keyLength(walk.plainName);
}

/** No rule uses the metric name of the plain series at hand, which is then no longer one to ask about. */
export function disuseName(): void {
  markUnusedName(walk.plainName);
}

/** Some rule uses every series of the plain one's metric name, so nobody has to ask again. False where that was known. */
export function wantName(): bool {
  if (isWantedName(walk.plainName)) return false;
  markWantedName(walk.plainName);
  return true;
}

/** Puts the symbols of the plain series at hand to `refsAt` and answers how many they are; -1 when there is no room. */
export function internSeries(): i32 {
  return walk.internSeries();
}

export function refsAt(): usize {
  return REFS;
}

/** Where the text of a symbol is in memory, and how long it is. */
export function textAt(symbol: usize): usize {
  return keyOf(symbol);
}

export function textLength(symbol: usize): u32 {
  return keyLength(symbol);
}

/** Remembers the new series at hand as one that no rule uses. False when there is no room. */
export function rememberUnselected(): bool {
  return walk.rememberUnselected() !== 0;
}

/** Remembers the new series at hand as selected, with the labels whose symbols are at `refsAt`. */
export function rememberSelected(refs: u32): bool {
  return walk.rememberSelected(refs) !== 0;
}

/** The same with the labels, encoded as 1.0 does, that are in the scratch space. */
export function rememberSelectedAs(isV2: bool, length: usize): bool {
  // In 2.0 the key of the series lies at REFS, so the labels wait behind.
  if (isV2) memory.copy(OLD_REFS, REFS, walk.keyBytes);
  const refs = internLabels(SCRATCH, SCRATCH + length);
  if (refs < 0) return false;
  if (isV2) walk.moveKey(OLD_REFS);
  return rememberSelected(<u32>refs);
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
