import { ByteReader } from './byte-reader.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import type { SampleColumns } from './sample-block.ts';
import { decodeTimestamps } from './timestamp-codec.ts';
import { decodeValues } from './value-codec.ts';

/**
 * The samples of `series` series, as `encodeSampleColumns` packed them.
 *
 * @throws CorruptBlockError
 */
export function decodeSampleColumns(body: Uint8Array, series: number): SampleColumns {
  const reader = new ByteReader(body);
  const offsets = decodeOffsets(reader.section(), series, body.length);
  const timestamps = decodeTimestamps(reader.section(), offsets);
  const startTimestamps = decodeStartTimestamps(reader.section(), timestamps.length);
  const values = decodeValues(reader, offsets);
  reader.end();
  const columns = { offsets, timestamps, values };
  return startTimestamps === undefined ? columns : { ...columns, startTimestamps };
}

function decodeOffsets(bytes: Uint8Array, series: number, most: number): Uint32Array {
  const reader = new ByteReader(bytes);
  const offsets = new Uint32Array(series + 1);
  let offset = 0;
  for (let i = 1; i <= series; i++) {
    offset += reader.varint();
    if (offset > most) throw new CorruptBlockError(`cannot read sample block: more than ${most} samples`);
    offsets[i] = offset;
  }
  reader.end();
  return offsets;
}

function decodeStartTimestamps(bytes: Uint8Array, count: number): Float64Array | undefined {
  if (bytes.length === 0) return undefined;
  const reader = new ByteReader(bytes);
  const starts = new Float64Array(count);
  reader.zigzags(starts, 0, count);
  for (let i = 1; i < count; i++) starts[i] = (starts[i - 1] as number) + (starts[i] as number);
  reader.end();
  return starts;
}
