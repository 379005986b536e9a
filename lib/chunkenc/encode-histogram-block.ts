import { ByteWriter } from './byte-writer.ts';
import { encodeChunkHead } from './encode-chunk.ts';
import { encodeHistogramColumns } from './encode-histogram-columns.ts';
import { seal } from './envelope.ts';
import type { HistogramBlock, HistogramChunk } from './histogram-block.ts';
import { encodeIds } from './series-id-codec.ts';
import { encodeTimestamps } from './timestamp-codec.ts';
import { encodeTimestampColumns } from './timestamp-columns.ts';

/**
 * Packs a block of histograms; docs/storage-format.md draws the bytes. Equal blocks give equal bytes.
 *
 * @throws RangeError when the block breaks what `HistogramBlock` promises: only a bug can do that.
 */
export function encodeHistogramBlock(block: HistogramBlock): Uint8Array {
  if (block.idsHigh.length !== block.idsLow.length || block.offsets.length !== block.idsHigh.length + 1) {
    throw new RangeError('BUG: columns of a histogram block differ in length');
  }
  const head = new ByteWriter();
  encodeIds(head, block.idsHigh, block.idsLow);
  return seal('histograms', head.bytes, encodeHistogramColumns(block, encodeTimestamps));
}

/** Packs a series-major chunk of histograms. @throws RangeError as `encodeHistogramBlock` does. */
export function encodeHistogramChunk(chunk: HistogramChunk): Uint8Array {
  const head = encodeChunkHead(chunk.groups, chunk.offsets.length - 1);
  return seal('histogramChunk', head, encodeHistogramColumns(chunk, encodeTimestampColumns));
}
