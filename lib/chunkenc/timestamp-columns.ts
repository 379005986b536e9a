import type { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { TIMESTAMP_MODES } from './sample-block.ts';

/**
 * Packs the timestamps (ms) of a chunk: whoever is scraped together has the same column of timestamps, which is written
 * once, as differences of differences; each series names its column.
 */
export function encodeTimestampColumns(timestamps: Float64Array, offsets: Uint32Array): Uint8Array {
  const columns = new ByteWriter();
  const places = new ByteWriter();
  const known = new Map<string, Float64Array[]>();
  const placeOf = new Map<Float64Array, number>();
  for (let series = 0; series + 1 < offsets.length; series++) {
    const column = timestamps.subarray(offsets[series], offsets[series + 1]);
    const digest = `${column.length} ${column[0]} ${column[column.length >>> 1]} ${column[column.length - 1]}`;
    const alike = known.get(digest) ?? [];
    const same = alike.find((other) => isSame(other, column));
    if (same === undefined) {
      known.set(digest, [...alike, column]);
      places.varint(placeOf.size);
      placeOf.set(column, placeOf.size);
      encodeColumn(columns, column);
    } else places.varint(placeOf.get(same) as number);
  }
  const writer = new ByteWriter();
  writer.byte(TIMESTAMP_MODES.columns);
  writer.varint(placeOf.size);
  writer.append(columns.bytes);
  writer.append(places.bytes);
  return writer.bytes;
}

/** Fills `timestamps` with what `encodeTimestampColumns` packed after its mode byte. */
export function decodeTimestampColumns(reader: ByteReader, timestamps: Float64Array, offsets: Uint32Array): void {
  const columns = Array.from({ length: reader.count(1) }, () => decodeColumn(reader));
  for (let series = 0; series + 1 < offsets.length; series++) {
    const place = reader.varint();
    const [begin, end] = [offsets[series] as number, offsets[series + 1] as number];
    const column = columns[place];
    if (column?.length !== end - begin) {
      throw new CorruptBlockError(`cannot read chunk: timestamps ${place} do not fit series ${series}`);
    }
    timestamps.set(column, begin);
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

function encodeColumn(writer: ByteWriter, column: Float64Array): void {
  writer.varint(column.length);
  let [previous, step] = [0, 0];
  for (let i = 0; i < column.length; i++) {
    const timestamp = column[i] as number;
    const difference = timestamp - previous;
    if (i === 0) writer.varint(difference);
    else writer.zigzag(difference - step);
    step = i === 0 ? 0 : difference;
    previous = timestamp;
  }
}

function decodeColumn(reader: ByteReader): Float64Array {
  const column = new Float64Array(reader.count(1));
  let [previous, step] = [0, 0];
  for (let i = 0; i < column.length; i++) {
    if (i > 0) step += reader.zigzag();
    previous += i === 0 ? reader.varint() : step;
    column[i] = previous;
  }
  return column;
}
