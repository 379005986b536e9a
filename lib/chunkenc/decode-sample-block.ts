import { ByteReader } from './byte-reader.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { unseal } from './envelope.ts';
import type { SampleBlock } from './sample-block.ts';
import { decodeIds } from './series-id-codec.ts';
import { decodeTimestamps } from './timestamp-codec.ts';
import { decodeValues } from './value-codec.ts';

/** The ids of a block, and its samples for who wants them. */
export interface OpenSampleBlock {
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
  /** Inflates and decodes on call. */
  readonly samples: () => SampleBlock;
}

/**
 * Reads which series a block holds; its samples are inflated only on demand, so a reader of few series passes over the
 * blocks that have none of them.
 *
 * @throws CorruptBlockError, here or from `samples`.
 */
export function openSampleBlock(bytes: Uint8Array): OpenSampleBlock {
  const { head, body } = unseal('samples', bytes);
  const reader = new ByteReader(head);
  const { high: idsHigh, low: idsLow } = decodeIds(reader);
  reader.end();
  return { idsHigh, idsLow, samples: () => decodeBody(body(), idsHigh, idsLow) };
}

/** @throws CorruptBlockError */
export function decodeSampleBlock(bytes: Uint8Array): SampleBlock {
  return openSampleBlock(bytes).samples();
}

function decodeBody(body: Uint8Array, idsHigh: Uint32Array, idsLow: Uint32Array): SampleBlock {
  const reader = new ByteReader(body);
  const offsets = decodeOffsets(reader.section(), idsHigh.length, body.length);
  const timestamps = decodeTimestamps(reader.section(), offsets);
  const startTimestamps = decodeStartTimestamps(reader.section(), timestamps.length);
  const values = decodeValues(reader, offsets);
  reader.end();
  const block = { idsHigh, idsLow, offsets, timestamps, values };
  return startTimestamps === undefined ? block : { ...block, startTimestamps };
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
  let previous = 0;
  for (let i = 0; i < count; i++) {
    previous += reader.zigzag();
    starts[i] = previous;
  }
  reader.end();
  return starts;
}
