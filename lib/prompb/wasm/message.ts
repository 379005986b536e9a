import { copyRoughly } from './bytes';
import { keyLength, keyOf } from './generations';
import { COMPRESSED, ENCODED_REFS, MAX_MESSAGE, MESSAGE, MESSAGE_SERIES } from './memory-layout';
import { nameOf, refCount, refsOf } from './series-entry';
import { snappyEncode } from './snappy-encode';
import { nameSeries, referenceIn, setReference, takeMetadata } from './symbol-entry';
import { varintSize, writeVarint } from './varint';

/** Field tags of `io.prometheus.write.v2.Request` and the messages in it. */
const SYMBOLS: u32 = 0x22;
const TIMESERIES: u32 = 0x2a;
const LABELS_REFS: u32 = 0x0a;
const METADATA: u32 = 0x2a;
const METADATA_TYPE: u32 = 0x08;
const METADATA_HELP: u32 = 0x18;
const METADATA_UNIT: u32 = 0x20;
/** Tag and length of a symbol or a series, and metadata, at most. */
const MARGIN: usize = 64;

/** Counts messages, so that nobody has to clear the references of the one before. */
let number: u32 = 0;
let symbols: u32 = 0;
let symbolsEnd: usize = 0;
let seriesEnd: usize = 0;

export function openMessage(): void {
  number++;
  // Symbol 0 is the empty text.
  store<u8>(MESSAGE, SYMBOLS);
  store<u8>(MESSAGE + 1, 0);
  symbolsEnd = MESSAGE + 2;
  symbols = 1;
  seriesEnd = MESSAGE_SERIES;
}

/** Number of the message that is being written. */
export function messageNumber(): u32 {
  return number;
}

/** What a sender knows of a family: symbols or 0, and the type's number. */
export let metadataType: u32 = 0;
export let metadataHelp: usize = 0;
export let metadataUnit: usize = 0;

export function setMetadata(type: u32, help: usize, unit: usize): void {
  metadataType = type;
  metadataHelp = help;
  metadataUnit = unit;
}

export function hasMetadata(): bool {
  return metadataType !== 0 || metadataHelp !== 0 || metadataUnit !== 0;
}

/** Writes a series with its one sample, field tag and all, as it came. False when the message is full. */
export function writeSeries(series: usize, sample: usize, sampleLength: usize): bool {
  const refsEnd = writeReferences(refsOf(series), refCount(series));
  if (refsEnd === 0) return false;
  const refsSize = <u32>(refsEnd - ENCODED_REFS);
  const name = nameOf(series);
  nameSeries(number, name);
  const hasFamily = hasMetadata() && takeMetadata(number, name);
  const familySize: u32 = hasFamily ? measureMetadata() : 0;
  if (familySize === NO_ROOM) return false;
  const size = 1 + varintSize(refsSize) + refsSize + <u32>sampleLength + (hasFamily ? 2 + familySize : 0);
  if (seriesEnd + size + MARGIN > MESSAGE_SERIES + MAX_MESSAGE) return false;
  let out = writeVarint(seriesEnd, TIMESERIES);
  out = writeVarint(out, size);
  out = writeVarint(out, LABELS_REFS);
  out = writeVarint(out, refsSize);
  copyRoughly(out, ENCODED_REFS, refsSize);
  out += refsSize;
  copyRoughly(out, sample, sampleLength);
  out += sampleLength;
  if (hasFamily) out = writeMetadata(out, familySize);
  seriesEnd = out;
  return true;
}

const NO_ROOM: u32 = 0xffffffff;

/** Writes the numbers of symbols to `ENCODED_REFS` and answers where they end; 0 when the message is full. */
function writeReferences(refs: usize, count: usize): usize {
  let out = ENCODED_REFS;
  for (const end = refs + (count << 2); refs < end; refs += 4) {
    const reference = referenceTo(load<u32>(refs));
    if (reference === NO_ROOM) return 0;
    out = writeVarint(out, reference);
  }
  return out;
}

/** The symbol's number in this message; the symbol is written when it is asked for first. */
function referenceTo(symbol: usize): u32 {
  const known = referenceIn(number, symbol);
  if (known !== 0) return known;
  const length: usize = keyLength(symbol);
  if (length === 0) return 0;
  if (symbolsEnd + length + MARGIN > MESSAGE + MAX_MESSAGE) return NO_ROOM;
  store<u8>(symbolsEnd, SYMBOLS);
  const at = writeVarint(symbolsEnd + 1, <u32>length);
  copyRoughly(at, keyOf(symbol), length);
  symbolsEnd = at + length;
  setReference(number, symbol, symbols);
  return symbols++;
}

/** Bytes of the metadata message: at most 2 + 6 + 6, so its length is one byte. */
function measureMetadata(): u32 {
  let size: u32 = metadataType === 0 ? 0 : 2;
  for (let i = 0; i < 2; i++) {
    const symbol = i === 0 ? metadataHelp : metadataUnit;
    if (symbol === 0) continue;
    const reference = referenceTo(symbol);
    if (reference === NO_ROOM) return NO_ROOM;
    size += 1 + varintSize(reference);
  }
  return size;
}

function writeMetadata(out: usize, size: u32): usize {
  out = writeVarint(out, METADATA);
  out = writeVarint(out, size);
  if (metadataType !== 0) out = writeVarint(writeVarint(out, METADATA_TYPE), metadataType);
  if (metadataHelp !== 0) out = writeVarint(writeVarint(out, METADATA_HELP), referenceTo(metadataHelp));
  if (metadataUnit !== 0) out = writeVarint(writeVarint(out, METADATA_UNIT), referenceTo(metadataUnit));
  return out;
}

/** Compresses the message to `COMPRESSED` and answers its length; 0 when it is too large. */
export function closeMessage(): usize {
  const seriesLength = seriesEnd - MESSAGE_SERIES;
  if (symbolsEnd + seriesLength > MESSAGE + MAX_MESSAGE) return 0;
  memory.copy(symbolsEnd, MESSAGE_SERIES, seriesLength);
  return snappyEncode(MESSAGE, symbolsEnd + seriesLength - MESSAGE, COMPRESSED);
}
