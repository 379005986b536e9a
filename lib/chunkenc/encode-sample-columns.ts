import { ByteWriter } from './byte-writer.ts';
import type { SampleColumns } from './sample-block.ts';
import { encodeValues } from './value-codec.ts';

/** Larger numbers would not survive being subtracted and zigzagged. */
const END_OF_TIME = 2 ** 51;

/** Packs samples of many series in seven sections; the ids stand elsewhere. */
export function encodeSampleColumns(
  columns: SampleColumns,
  encodeTimestamps: (timestamps: Float64Array, offsets: Uint32Array) => Uint8Array,
): Uint8Array {
  checkShape(columns);
  const body = new ByteWriter();
  body.section(encodeCounts(columns.offsets));
  body.section(encodeTimestamps(columns.timestamps, columns.offsets));
  body.section(encodeStartTimestamps(columns.startTimestamps));
  encodeValues(body, columns.values, columns.offsets);
  return body.bytes;
}

function encodeCounts(offsets: Uint32Array): Uint8Array {
  const writer = new ByteWriter();
  for (let i = 1; i < offsets.length; i++) writer.varint((offsets[i] as number) - (offsets[i - 1] as number));
  return writer.bytes;
}

/** Each as the difference to the one before; many samples share one. Empty when there are none. */
function encodeStartTimestamps(starts: Float64Array | undefined): Uint8Array {
  const writer = new ByteWriter();
  let previous = 0;
  for (const start of starts ?? []) {
    writer.zigzag(start - previous);
    previous = start;
  }
  return writer.bytes;
}

function checkShape({ offsets, timestamps, values, startTimestamps }: SampleColumns): void {
  const count = timestamps.length;
  const isConsistent =
    offsets[0] === 0 &&
    offsets[offsets.length - 1] === count &&
    values.length === count &&
    (startTimestamps === undefined || startTimestamps.length === count);
  if (!isConsistent) throw new RangeError('BUG: columns of a sample block differ in length');
  if (!areTimes(timestamps) || (startTimestamps !== undefined && !areTimes(startTimestamps))) {
    throw new RangeError('BUG: a timestamp of a sample block is not a whole number in [0, 2^51)');
  }
}

function areTimes(timestamps: Float64Array): boolean {
  for (let i = 0; i < timestamps.length; i++) {
    const timestamp = timestamps[i] as number;
    if (!(timestamp >= 0 && timestamp < END_OF_TIME && Math.floor(timestamp) === timestamp)) return false;
  }
  return true;
}
