import type { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { TIMESTAMP_MODES } from './sample-block.ts';

interface Range {
  readonly begin: number;
  readonly end: number;
}

/**
 * Packs the timestamps (ms) of a chunk: whoever is scraped together has the same column of timestamps, which is written
 * once, as differences of differences; each series names its column.
 */
export function encodeTimestampColumns(timestamps: Float64Array, offsets: Uint32Array): Uint8Array {
  const columns = new ByteWriter();
  const places = new ByteWriter();
  const known: Range[] = [];
  /** Places of columns that may be the same, by a number that is equal for equal ones. */
  const alike = new Map<number, number[]>();
  const scratch = new Float64Array(timestamps.length);
  for (let series = 0; series + 1 < offsets.length; series++) {
    const column: Range = { begin: offsets[series] as number, end: offsets[series + 1] as number };
    const digest = digestOf(timestamps, column);
    const candidates = alike.get(digest) ?? [];
    let place = candidates.find((other) => isSame(timestamps, known[other] as Range, column));
    if (place === undefined) {
      place = known.push(column) - 1;
      alike.set(digest, [...candidates, place]);
      encodeColumn(columns, timestamps, column, scratch);
    }
    places.varint(place);
  }
  const writer = new ByteWriter();
  writer.byte(TIMESTAMP_MODES.columns);
  writer.varint(known.length);
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

/** Of times in the middle, too: targets whose first and last are alike still differ there. */
function digestOf(timestamps: Float64Array, { begin, end }: Range): number {
  if (begin === end) return -1;
  const middle = timestamps[(begin + end) >>> 1] as number;
  return (timestamps[begin] as number) + 3 * middle + 7 * (timestamps[end - 1] as number);
}

function isSame(timestamps: Float64Array, a: Range, b: Range): boolean {
  if (a.end - a.begin !== b.end - b.begin) return false;
  for (let i = a.begin, k = b.begin; i < a.end; i++, k++) if (timestamps[i] !== timestamps[k]) return false;
  return true;
}

/** `scratch` holds differences for the time of the call. */
function encodeColumn(
  writer: ByteWriter,
  timestamps: Float64Array,
  { begin, end }: Range,
  scratch: Float64Array,
): void {
  writer.varint(end - begin);
  if (begin === end) return;
  writer.varint(timestamps[begin] as number);
  for (let i = begin + 1; i < end; i++) scratch[i] = (timestamps[i] as number) - (timestamps[i - 1] as number);
  writer.differences(scratch, begin + 1, end, 0);
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
