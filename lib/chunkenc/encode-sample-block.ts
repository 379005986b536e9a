import { ByteWriter } from './byte-writer.ts';
import { encodeSampleColumns } from './encode-sample-columns.ts';
import { seal } from './envelope.ts';
import type { SampleBlock } from './sample-block.ts';
import { encodeIds } from './series-id-codec.ts';
import { encodeTimestamps } from './timestamp-codec.ts';

/**
 * Packs a block; docs/storage-format.md draws the bytes. Equal blocks give equal bytes.
 *
 * @throws RangeError when the block breaks what `SampleBlock` promises: only a bug can do that.
 */
export function encodeSampleBlock(block: SampleBlock): Uint8Array {
  if (block.idsHigh.length !== block.idsLow.length || block.offsets.length !== block.idsHigh.length + 1) {
    throw new RangeError('BUG: columns of a sample block differ in length');
  }
  const head = new ByteWriter();
  encodeIds(head, block.idsHigh, block.idsLow);
  return seal('samples', head.bytes, encodeSampleColumns(block, encodeTimestamps));
}
