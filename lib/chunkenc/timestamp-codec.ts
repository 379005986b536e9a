import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { TIMESTAMP_MODES } from './sample-block.ts';
import { decodeTimestampColumns } from './timestamp-columns.ts';

/** Packs the timestamps of a block (ms), each series ascending, in whichever mode suits them. */
export function encodeTimestamps(timestamps: Float64Array, offsets: Uint32Array): Uint8Array {
  const distinct = Float64Array.from(new Set(timestamps)).sort();
  const writer = new ByteWriter();
  if (distinct.length * 2 <= timestamps.length) {
    writer.byte(TIMESTAMP_MODES.dictionary);
    encodeDictionary(writer, distinct, timestamps, offsets);
  } else {
    writer.byte(TIMESTAMP_MODES.direct);
    encodeDirect(writer, timestamps, offsets);
  }
  return writer.bytes;
}

/** Reads `offsets[offsets.length - 1]` timestamps. */
export function decodeTimestamps(bytes: Uint8Array, offsets: Uint32Array): Float64Array {
  const reader = new ByteReader(bytes);
  const mode = reader.byte();
  const count = offsets[offsets.length - 1] as number;
  const timestamps = new Float64Array(count);
  if (mode === TIMESTAMP_MODES.columns) decodeTimestampColumns(reader, timestamps, offsets);
  else if (mode === TIMESTAMP_MODES.dictionary) decodeDictionary(reader, timestamps, offsets);
  else if (mode === TIMESTAMP_MODES.direct) decodeDirect(reader, timestamps, offsets);
  else throw new CorruptBlockError(`cannot read sample block: unknown timestamp mode ${mode}`);
  reader.end();
  return timestamps;
}

function encodeDictionary(
  writer: ByteWriter,
  distinct: Float64Array,
  timestamps: Float64Array,
  offsets: Uint32Array,
): void {
  const places = new Map<number, number>();
  writer.varint(distinct.length);
  let previous = 0;
  for (const timestamp of distinct) {
    writer.varint(timestamp - previous);
    previous = timestamp;
    places.set(timestamp, places.size);
  }
  for (let series = 0; series + 1 < offsets.length; series++) {
    let last = 0;
    for (let i = offsets[series] as number; i < (offsets[series + 1] as number); i++) {
      const place = places.get(timestamps[i] as number) as number;
      writer.varint(place - last);
      last = place;
    }
  }
}

function decodeDictionary(reader: ByteReader, timestamps: Float64Array, offsets: Uint32Array): void {
  const distinct = new Float64Array(reader.count(1));
  let previous = 0;
  for (let i = 0; i < distinct.length; i++) {
    previous += reader.varint();
    distinct[i] = previous;
  }
  reader.varints(timestamps, 0, timestamps.length);
  for (let series = 0; series + 1 < offsets.length; series++) {
    const end = offsets[series + 1] as number;
    let place = 0;
    for (let i = offsets[series] as number; i < end; i++) {
      place += timestamps[i] as number;
      const timestamp = distinct[place];
      if (timestamp === undefined) {
        throw new CorruptBlockError(`cannot read sample block: timestamp ${place} of ${distinct.length}`);
      }
      timestamps[i] = timestamp;
    }
  }
}

/** First timestamps as differences to the series before, the others as differences of differences. */
function encodeDirect(writer: ByteWriter, timestamps: Float64Array, offsets: Uint32Array): void {
  let [first, step] = [0, 0];
  for (let series = 0; series + 1 < offsets.length; series++) {
    const [begin, end] = [offsets[series] as number, offsets[series + 1] as number];
    if (begin === end) continue;
    writer.zigzag((timestamps[begin] as number) - first);
    first = timestamps[begin] as number;
    for (let i = begin + 1; i < end; i++) {
      const difference = (timestamps[i] as number) - (timestamps[i - 1] as number);
      writer.zigzag(difference - step);
      step = difference;
    }
  }
}

function decodeDirect(reader: ByteReader, timestamps: Float64Array, offsets: Uint32Array): void {
  reader.zigzags(timestamps, 0, timestamps.length);
  let first = 0;
  let step = 0;
  for (let series = 0; series + 1 < offsets.length; series++) {
    const begin = offsets[series] as number;
    const end = offsets[series + 1] as number;
    if (begin === end) continue;
    first += timestamps[begin] as number;
    timestamps[begin] = first;
    let timestamp = first;
    for (let i = begin + 1; i < end; i++) {
      step += timestamps[i] as number;
      timestamp += step;
      timestamps[i] = timestamp;
    }
  }
}
