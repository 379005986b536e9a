import { ByteReader } from './byte-reader.ts';
import { decodeSampleColumns } from './decode-sample-columns.ts';
import { unseal } from './envelope.ts';
import type { SampleBlock } from './sample-block.ts';
import { decodeIds } from './series-id-codec.ts';

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
  return { idsHigh, idsLow, samples: () => ({ idsHigh, idsLow, ...decodeSampleColumns(body(), idsHigh.length) }) };
}

/** @throws CorruptBlockError */
export function decodeSampleBlock(bytes: Uint8Array): SampleBlock {
  return openSampleBlock(bytes).samples();
}
