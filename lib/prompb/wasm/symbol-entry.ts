import { isUtf8 } from './bytes';
import {
  DATA,
  findOld,
  findYoung,
  hashOf,
  insert,
  isKeyOf,
  keyLength,
  keyOf,
  SYMBOL,
  setSuccessor,
  successorOf,
} from './generations';

/** Where the same symbol lies in the old generation, 0 for nowhere: series are carried over by it. */
const ANCESTOR: usize = DATA;
/** Number of the message that the symbol has its reference in. */
const MESSAGE: usize = DATA + 4;
const REFERENCE: usize = DATA + 8;
/** Number of the message that holds a series, or metadata, of this metric name. */
const NAMED_SERIES: usize = DATA + 12;
const NAMED_METADATA: usize = DATA + 16;
const FLAGS: usize = DATA + 20;
const IS_UTF8: u32 = 1;
/** No rule uses a metric of that name, whatever its other labels. */
const IS_UNUSED_NAME: u32 = 2;
/** Some rule uses every series of that name. */
const IS_WANTED_NAME: u32 = 4;

let last: usize = 0;
let lastName: usize = 0;

/** Entries of an older generation must not be followed. */
export function forgetLastSymbol(): void {
  last = 0;
  lastName = 0;
}

/** The entry of a text, known or new; 0 when there is no room. Texts that follow each other are expected to do so again. */
export function internSymbol(at: usize, length: usize): usize {
  let entry: usize = last === 0 ? 0 : successorOf(last);
  if (entry === 0 || !isKeyOf(entry, SYMBOL, at, length)) {
    entry = symbolOf(at, length);
    if (entry === 0) return 0;
    if (last !== 0) setSuccessor(last, entry);
  }
  last = entry;
  return entry;
}

/** The same where a symbol is at hand that may well be it. */
export function symbolLike(expected: usize, at: usize, length: usize): usize {
  return expected !== 0 && isKeyOf(expected, SYMBOL, at, length) ? expected : symbolOf(at, length);
}

/** The entry of a metric name, 0 when it is new. Names, too, are expected to follow each other again. */
export function knownName(at: usize, length: usize): usize {
  let entry: usize = lastName === 0 ? 0 : successorOf(lastName);
  if (entry === 0 || !isKeyOf(entry, SYMBOL, at, length)) {
    entry = findYoung(SYMBOL, at, length, hashOf(SYMBOL, at, length));
    if (entry === 0) return 0;
    if (lastName !== 0) setSuccessor(lastName, entry);
  }
  lastName = entry;
  return entry;
}

/** The entry of a text that says nothing about the next. */
export function symbolOf(at: usize, length: usize): usize {
  const hashed = hashOf(SYMBOL, at, length);
  const known = findYoung(SYMBOL, at, length, hashed);
  if (known !== 0) return known;
  const entry = insert(SYMBOL, at, length, hashed, 0);
  if (entry === 0) return 0;
  const ancestor = findOld(SYMBOL, at, length, hashed);
  store<u32>(entry, <u32>ancestor, ANCESTOR);
  store<u32>(entry, ancestor === 0 ? <u32>isUtf8(at, length) : load<u32>(ancestor, FLAGS), FLAGS);
  return entry;
}

/** Carries a symbol of the old generation over. */
export function renewSymbol(entry: usize): usize {
  return symbolOf(keyOf(entry), keyLength(entry));
}

/** As the old generation knows the symbol; 0 where it does not. */
export function ancestorOf(symbol: usize): u32 {
  return load<u32>(symbol, ANCESTOR);
}

export function isText(symbol: usize): bool {
  return (load<u32>(symbol, FLAGS) & IS_UTF8) !== 0;
}

export function isUnusedName(symbol: usize): bool {
  return (load<u32>(symbol, FLAGS) & IS_UNUSED_NAME) !== 0;
}

export function isWantedName(symbol: usize): bool {
  return (load<u32>(symbol, FLAGS) & IS_WANTED_NAME) !== 0;
}

export function markUnusedName(symbol: usize): void {
  store<u32>(symbol, load<u32>(symbol, FLAGS) | IS_UNUSED_NAME, FLAGS);
}

export function markWantedName(symbol: usize): void {
  store<u32>(symbol, load<u32>(symbol, FLAGS) | IS_WANTED_NAME, FLAGS);
}

/** The symbol's number in a message; 0 when it has none yet, for 0 is the empty symbol's. */
export function referenceIn(message: u32, symbol: usize): u32 {
  return load<u32>(symbol, MESSAGE) === message ? load<u32>(symbol, REFERENCE) : 0;
}

export function setReference(message: u32, symbol: usize, reference: u32): void {
  store<u32>(symbol, message, MESSAGE);
  store<u32>(symbol, reference, REFERENCE);
}

export function nameSeries(message: u32, symbol: usize): void {
  store<u32>(symbol, message, NAMED_SERIES);
}

/** Whether a message has a series of that name. */
export function namesSeries(message: u32, symbol: usize): bool {
  return load<u32>(symbol, NAMED_SERIES) === message;
}

/** Whether the metadata of that name still has to go into a message; the answer is yes once. */
export function takeMetadata(message: u32, symbol: usize): bool {
  if (load<u32>(symbol, NAMED_METADATA) === message) return false;
  store<u32>(symbol, message, NAMED_METADATA);
  return true;
}
