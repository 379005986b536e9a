import { copyRoughly } from './bytes';
import {
  DATA,
  extraOf,
  findOld,
  findYoung,
  hashOf,
  insert,
  isKeyOf,
  keyLength,
  keyOf,
  SERIES_V1,
  SERIES_V2,
  setSuccessor,
  successorOf,
} from './generations';
import { isMetricName } from './labels';
import { OLD_REFS, REFS } from './memory-layout';
import { ancestorOf, renewSymbol } from './symbol-entry';

/** Symbols that the series has in a message: two for each label; 0 when no rule uses the series. */
const REF_COUNT: usize = DATA;
/** What the plain decoder would count for it against its limit. */
const ELEMENTS: usize = DATA + 4;
/** The symbol of its metric name. */
const NAME: usize = DATA + 8;

let last: usize = 0;
/** Of the key that was looked for last, which is the only one that can be new. */
let lastHash: u32 = 0;

/** Entries of an older generation must not be followed. */
export function forgetLastSeries(): void {
  last = 0;
}

/** The entry of a series if it is the one that followed the last one before; else 0. */
export function expectSeries(kind: u32, key: usize, length: usize): usize {
  const expected: usize = last === 0 ? 0 : successorOf(last);
  if (expected === 0 || !isKeyOf(expected, kind, key, length)) return 0;
  last = expected;
  return expected;
}

/** The entry of a 1.0 series by the bytes of its labels; 0 when it is not known. */
export function findSeriesV1(key: usize, length: usize): usize {
  const hashed = hashOf(SERIES_V1, key, length);
  lastHash = hashed;
  const known = findYoung(SERIES_V1, key, length, hashed);
  if (known !== 0) return follow(known);
  const former = findOld(SERIES_V1, key, length, hashed);
  return former === 0 ? 0 : follow(renewSeries(former, SERIES_V1, key, length));
}

/** The entry of a 2.0 series by the symbols at `REFS`. */
export function findSeriesV2(refs: u32): usize {
  const length: usize = (<usize>refs) << 2;
  const expected = expectSeries(SERIES_V2, REFS, length);
  if (expected !== 0) return expected;
  lastHash = hashOf(SERIES_V2, REFS, length);
  const known = findYoung(SERIES_V2, REFS, length, lastHash);
  if (known !== 0) return follow(known);
  for (let i: usize = 0; i < length; i += 4) {
    const ancestor = ancestorOf(load<u32>(REFS + i));
    if (ancestor === 0) return 0;
    store<u32>(OLD_REFS + i, ancestor);
  }
  const former = findOld(SERIES_V2, OLD_REFS, length, hashOf(SERIES_V2, OLD_REFS, length));
  return former === 0 ? 0 : follow(renewSeries(former, SERIES_V2, REFS, length));
}

/** Remembers the series that was looked for last, with room for `refs` symbols; 0 when there is none. */
export function addSeries(kind: u32, key: usize, length: usize, refs: u32, elements: u32): usize {
  const entry = insert(kind, key, length, lastHash, (<usize>refs) << 2);
  if (entry === 0) return 0;
  store<u32>(entry, refs, REF_COUNT);
  store<u32>(entry, elements, ELEMENTS);
  if (last !== 0) {
    // It came between two that followed each other.
    setSuccessor(entry, successorOf(last));
    setSuccessor(last, entry);
  }
  return entry;
}

/** The same with the symbols at `REFS`, for a series that goes into messages. */
export function addSelected(kind: u32, key: usize, length: usize, refs: u32, elements: u32): usize {
  const entry = addSeries(kind, key, length, refs, elements);
  if (entry === 0) return 0;
  copyRoughly(refsOf(entry), REFS, (<usize>refs) << 2);
  for (let at = REFS, end = REFS + ((<usize>refs) << 2); at < end; at += 8) {
    const name: usize = load<u32>(at);
    if (isMetricName(keyOf(name), keyLength(name))) store<u32>(entry, load<u32>(at + 4), NAME);
  }
  return entry;
}

export function refCount(series: usize): u32 {
  return load<u32>(series, REF_COUNT);
}

/** Its symbols, four bytes each. */
export function refsOf(series: usize): usize {
  return extraOf(series);
}

export function elementsOf(series: usize): u32 {
  return load<u32>(series, ELEMENTS);
}

export function nameOf(series: usize): usize {
  return load<u32>(series, NAME);
}

/** Whatever is found next follows this one. */
export function follow(entry: usize): usize {
  if (last !== 0 && entry !== 0) setSuccessor(last, entry);
  last = entry;
  return entry;
}

/** Carries a series of the old generation, and the symbols it has, over; 0 when there is no room. */
function renewSeries(former: usize, kind: u32, key: usize, length: usize): usize {
  const refs = refCount(former);
  // The symbols first: an entry must never be found without them.
  for (let i: usize = 0; i < refs; i++) {
    if (renewSymbol(load<u32>(refsOf(former) + (i << 2))) === 0) return 0;
  }
  const entry = addSeries(kind, key, length, refs, elementsOf(former));
  if (entry === 0) return 0;
  for (let i: usize = 0; i < refs; i++) {
    store<u32>(refsOf(entry) + (i << 2), <u32>renewSymbol(load<u32>(refsOf(former) + (i << 2))));
  }
  if (refs > 0) store<u32>(entry, <u32>renewSymbol(nameOf(former)), NAME);
  return entry;
}
