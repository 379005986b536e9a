import { ByteWriter } from './byte-writer.ts';
import { seal } from './envelope.ts';
import type { SampleBlock } from './sample-block.ts';
import { encodeIds } from './series-id-codec.ts';
import { encodeTimestamps } from './timestamp-codec.ts';
import { encodeValues } from './value-codec.ts';

/** Larger numbers would not survive being subtracted and zigzagged. */
const END_OF_TIME = 2 ** 51;

/**
 * Packs a block; docs/storage-format.md draws the bytes. Equal blocks give equal bytes.
 *
 * @throws RangeError when the block breaks what `SampleBlock` promises: only a bug can do that.
 */
export function encodeSampleBlock(block: SampleBlock): Uint8Array {
  checkShape(block);
  const head = new ByteWriter();
  encodeIds(head, block.idsHigh, block.idsLow);
  const body = new ByteWriter();
  body.section(encodeCounts(block.offsets));
  body.section(encodeTimestamps(block.timestamps, block.offsets));
  body.section(encodeStartTimestamps(block.startTimestamps));
  encodeValues(body, block.values, block.offsets);
  return seal('samples', head.bytes, body.bytes);
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

function checkShape({ idsHigh, idsLow, offsets, timestamps, values, startTimestamps }: SampleBlock): void {
  const count = timestamps.length;
  const isConsistent =
    idsHigh.length === idsLow.length &&
    offsets.length === idsHigh.length + 1 &&
    offsets[0] === 0 &&
    offsets[offsets.length - 1] === count &&
    values.length === count &&
    (startTimestamps === undefined || startTimestamps.length === count);
  if (!isConsistent) throw new RangeError('BUG: columns of a sample block differ in length');
  if (!timestamps.every(isTime) || !(startTimestamps?.every(isTime) ?? true)) {
    throw new RangeError('BUG: a timestamp of a sample block is not a whole number in [0, 2^51)');
  }
}

function isTime(timestamp: number): boolean {
  return Number.isInteger(timestamp) && timestamp >= 0 && timestamp < END_OF_TIME;
}
