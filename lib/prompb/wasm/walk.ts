import { hasSpareRoom, keyLength, SERIES_V1, SERIES_V2 } from './generations';
import { MAX_REFS, MAX_SYMBOLS, REFS, REQUEST_SYMBOLS } from './memory-layout';
import { hasMetadata, setMetadata, writeSeries } from './message';
import { internLabels, knownNameV1, labelCount, plainNameV1, plainNameV2 } from './plain-labels';
import { contentEnd, enterField, isTimely, isTimelySample, SAMPLES, sampleBefore } from './sample';
import {
  addSelected,
  addSeries,
  elementsOf,
  expectSeries,
  findSeriesV1,
  findSeriesV2,
  follow,
  refCount,
} from './series-entry';
import { internSymbol, isText, isUnusedName, isWantedName } from './symbol-entry';
import { readVarint32, varintEnd } from './varint';

/** What `next` came to. */
export const END = 0;
/** A series whose labels were never seen: to be remembered or skipped. */
export const NEW_SERIES = 1;
/** A series of which the plain decoder must say what it is. */
export const UNUSUAL_SERIES = 2;
/** Metadata of 1.0. */
export const FAMILY = 3;
/** Nothing that this walk can judge: the whole request is for the plain decoder. */
export const GIVE_UP = 4;

const V1_TIMESERIES: u32 = 0x0a;
const V1_METADATA: u32 = 0x1a;
const V2_SYMBOLS: u32 = 0x22;
const V2_TIMESERIES: u32 = 0x2a;
const V2_LABELS_REFS: u32 = 0x0a;
const V2_METADATA: u32 = 0x2a;

/** As the plain decoder: what a request may unfold into, counted from above. */
const MAX_ELEMENTS: u32 = 3_000_000;
/** A help or unit text that may be too long is for the plain decoder to judge. */
const MAX_METADATA_TEXT: u32 = 16 * 1024;
const MAX_METADATA_TYPE: u32 = 7;

let isV2: bool = false;
let position: usize = 0;
let end: usize = 0;
let elements: u32 = 0;
let requestSymbols: u32 = 0;
/** Samples that went by because of the name of their metric, in all requests. */
let passed: u32 = 0;

/** The field at hand, from its tag to its end, and the part of it that names the series. */
export let itemAt: usize = 0;
export let itemEnd: usize = 0;
export let keyAt: usize = 0;
export let keyBytes: usize = 0;
/** Labels of a series of 1.0, or references of one of 2.0. */
export let keyElements: u32 = 0;
/** The symbol of the series' metric name where its labels are plainly valid, else 0. */
export let plainName: usize = 0;

export let selected: u32 = 0;
export let unselected: u32 = 0;
export let metadata: u32 = 0;

/** Begins to walk a message. False when it cannot be walked. */
export function openWalk(at: usize, length: usize, isVersion2: bool): bool {
  isV2 = isVersion2;
  position = at;
  end = at + length;
  elements = 0;
  selected = 0;
  unselected = 0;
  metadata = 0;
  requestSymbols = 0;
  setMetadata(0, 0, 0);
  return length > 0 && (!isV2 || readSymbols(at));
}

/** Symbols may come after the series that refer to them, so they are read before. */
function readSymbols(at: usize): bool {
  while (at < end) {
    const tag: u32 = load<u8>(at);
    if (tag !== V2_SYMBOLS && tag !== V2_TIMESERIES) return false;
    const text = enterField(at, end, tag);
    if (text === 0) return false;
    at = contentEnd;
    if (tag === V2_TIMESERIES) continue;
    if (requestSymbols === MAX_SYMBOLS || (requestSymbols === 0 && at !== text)) return false;
    const symbol = internSymbol(text, at - text);
    if (symbol === 0) return false;
    store<u32>(REQUEST_SYMBOLS + ((<usize>requestSymbols) << 2), <u32>symbol);
    requestSymbols++;
  }
  elements = requestSymbols;
  return true;
}

/** Takes series as long as they are known and ordinary, and answers what it came to then. */
export function next(): i32 {
  while (position < end) {
    if (elements > MAX_ELEMENTS) return GIVE_UP;
    const event = isV2 ? nextV2() : nextV1();
    if (event !== END) return event;
  }
  return END;
}

/** Goes on behind the item at hand, which somebody else has taken. */
export function skip(): void {
  position = itemEnd;
}

export function requestSymbol(index: u32): usize {
  return index < requestSymbols ? <usize>load<u32>(REQUEST_SYMBOLS + ((<usize>index) << 2)) : 0;
}

export function requestSymbolCount(): u32 {
  return requestSymbols;
}

function nextV1(): i32 {
  itemAt = position;
  const tag: u32 = load<u8>(position);
  if (tag !== V1_TIMESERIES && tag !== V1_METADATA) return GIVE_UP;
  const content = enterField(position, end, tag);
  if (content === 0) return GIVE_UP;
  itemEnd = contentEnd;
  if (tag === V1_METADATA) return leaveTo(FAMILY);
  const sample = sampleBefore(itemEnd, content);
  if (sample === 0 || !isTimely(itemEnd)) return leaveTo(UNUSUAL_SERIES);
  keyAt = content;
  keyBytes = sample - content;
  const expected = expectSeries(SERIES_V1, content, keyBytes);
  if (expected !== 0) return take(expected, sample, itemEnd);
  const name = knownNameV1(content, sample);
  if (name !== 0 && isUnusedName(name) && !isWorthKnowing() && readPlainly()) return pass();
  const series = findSeriesV1(content, keyBytes);
  if (series !== 0) return take(series, sample, itemEnd);
  readPlainly();
  if (labelCount < 0) return leaveTo(UNUSUAL_SERIES);
  return meet(sample, itemEnd);
}

/** Reads the labels of a 1.0 series and answers whether they are plainly valid. */
function readPlainly(): bool {
  plainName = plainNameV1(keyAt, keyAt + keyBytes);
  keyElements = <u32>labelCount;
  return plainName !== 0;
}

function nextV2(): i32 {
  itemAt = position;
  // Whatever it is, `readSymbols` has seen that it is whole.
  const tag: u32 = load<u8>(position);
  const content = enterField(position, end, tag);
  itemEnd = contentEnd;
  if (tag === V2_SYMBOLS) {
    position = itemEnd;
    return END;
  }
  const refsAt = enterField(content, itemEnd, V2_LABELS_REFS);
  const refsEnd = contentEnd;
  if (refsAt === 0 || !readRefs(refsAt, refsEnd)) return leaveTo(UNUSUAL_SERIES);
  const sampleAt = enterField(refsEnd, itemEnd, SAMPLES);
  const sampleEnd = contentEnd;
  if (sampleAt === 0 || !isTimelySample(sampleAt, sampleEnd)) return leaveTo(UNUSUAL_SERIES);
  if (!readMetadata(sampleEnd)) return leaveTo(UNUSUAL_SERIES);
  const series = findSeriesV2(keyElements);
  if (series !== 0) return take(series, refsEnd, sampleEnd);
  keyAt = REFS;
  keyBytes = (<usize>keyElements) << 2;
  plainName = plainNameV2(keyElements);
  return meet(refsEnd, sampleEnd);
}

/** A series that is met first. Where its name decides, nobody has to be asked. */
function meet(sample: usize, sampleEnd: usize): i32 {
  if (plainName === 0) return NEW_SERIES;
  if (isUnusedName(plainName)) {
    if (isWorthKnowing()) rememberUnselected();
    return pass();
  }
  if (!isWantedName(plainName)) return NEW_SERIES;
  const refs = internSeries();
  const series: usize = refs < 0 ? 0 : rememberSelected(<u32>refs);
  return series === 0 ? NEW_SERIES : take(follow(series), sample, sampleEnd);
}

/** Puts the symbols of the plain series at hand to `REFS` and answers how many they are; -1 when there is no room. */
export function internSeries(): i32 {
  return isV2 ? <i32>keyElements : internLabels(keyAt, keyAt + keyBytes);
}

/** Remembers the series at hand as one that no rule uses; 0 when there is no room. */
export function rememberUnselected(): usize {
  return addSeries(isV2 ? SERIES_V2 : SERIES_V1, keyAt, keyBytes, 0, elementsOfKey());
}

/** Remembers the series at hand as selected, with the labels whose symbols are at `REFS`; 0 when there is no room. */
export function rememberSelected(refs: u32): usize {
  return addSelected(isV2 ? SERIES_V2 : SERIES_V1, keyAt, keyBytes, refs, elementsOfKey());
}

/**
 * Whether an unused series is to be remembered. To compare labels is faster than to read them, but for those that come
 * only once; so it is one in four, and of what keeps coming more and more is known.
 */
function isWorthKnowing(): bool {
  return (passed & 3) === 0 && hasSpareRoom();
}

/** Counts a sample of a series that no rule uses, as its name says. */
function pass(): i32 {
  passed++;
  elements += elementsOfKey();
  unselected++;
  return goOn();
}

/** The bytes that name the series at hand have been moved. */
export function moveKey(to: usize): void {
  keyAt = to;
}

/** What the plain decoder counts: 4 for a series, its sample, and a label with its texts or a reference. */
function elementsOfKey(): u32 {
  return isV2 ? 6 + keyElements : 5 + 3 * keyElements;
}

/** Puts the symbols of a series in place of its references. */
function readRefs(at: usize, refsEnd: usize): bool {
  if (refsEnd - at > MAX_REFS) return false;
  const known = requestSymbols;
  let out = REFS;
  while (at < refsEnd) {
    // Nearly all references have one byte or two.
    const bytes: u32 = load<u16>(at);
    let reference: u32 = bytes & 0x7f;
    if ((bytes & 0x80) === 0) {
      at++;
    } else if ((bytes & 0x8000) === 0) {
      reference |= (bytes & 0x7f00) >> 1;
      at += 2;
    } else {
      reference = readVarint32(at, refsEnd);
      if (varintEnd === 0) return false;
      at = varintEnd;
    }
    if (reference >= known) return false;
    store<u32>(out, load<u32>(REQUEST_SYMBOLS + ((<usize>reference) << 2)));
    out += 4;
  }
  keyElements = <u32>((out - REFS) >> 2);
  return at === refsEnd && (keyElements & 1) === 0;
}

/** Reads the metadata that a series of 2.0 may end with. False where it, or anything else, needs a closer look. */
function readMetadata(at: usize): bool {
  setMetadata(0, 0, 0);
  if (at === itemEnd) return true;
  at = enterField(at, itemEnd, V2_METADATA);
  if (at === 0 || contentEnd !== itemEnd) return false;
  const type = readReference(at, 0x08);
  const help = readReference(referenceEnd, 0x18);
  const unit = readReference(referenceEnd, 0x20);
  if (referenceEnd !== itemEnd || type > MAX_METADATA_TYPE) return false;
  if (help >= requestSymbols || unit >= requestSymbols) return help === 0 && unit === 0;
  const helpSymbol = metadataText(help);
  const unitSymbol = metadataText(unit);
  setMetadata(type, helpSymbol === NO_TEXT ? 0 : helpSymbol, unitSymbol === NO_TEXT ? 0 : unitSymbol);
  return helpSymbol !== NO_TEXT && unitSymbol !== NO_TEXT;
}

let referenceEnd: usize = 0;

/** A varint field, or 0 where it is left out. `referenceEnd` is 0 from the first that is malformed. */
function readReference(at: usize, tag: u32): u32 {
  referenceEnd = at;
  if (at === 0 || at >= itemEnd || load<u8>(at) !== tag) return 0;
  const value = readVarint32(at + 1, itemEnd);
  referenceEnd = varintEnd;
  return value;
}

const NO_TEXT: usize = 1;

/** The symbol of a help or unit text; 0 when it is empty, `NO_TEXT` where it cannot be used as it is. */
function metadataText(reference: u32): usize {
  if (reference === 0) return 0;
  const symbol = requestSymbol(reference);
  const length = keyLength(symbol);
  if (length === 0) return 0;
  return length > MAX_METADATA_TEXT || !isText(symbol) ? NO_TEXT : symbol;
}

/** Counts a sample of a known series, and writes it where some rule uses it. */
function take(series: usize, sample: usize, sampleEnd: usize): i32 {
  elements += elementsOf(series);
  if (refCount(series) === 0) {
    unselected++;
    return goOn();
  }
  if (!writeSeries(series, sample, sampleEnd - sample)) return GIVE_UP;
  selected++;
  return goOn();
}

function goOn(): i32 {
  if (hasMetadata()) metadata++;
  position = itemEnd;
  return END;
}

/** Leaves the item at hand to somebody else. Each of its bytes may be an element of it: numbers are packed. */
function leaveTo(event: i32): i32 {
  elements += <u32>(itemEnd - itemAt) + 8;
  position = itemEnd;
  return event;
}
