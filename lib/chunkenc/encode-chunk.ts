import { ByteWriter } from './byte-writer.ts';
import { encodeSampleColumns } from './encode-sample-columns.ts';
import { seal } from './envelope.ts';
import type { Chunk, ChunkGroup } from './sample-block.ts';
import { encodeIds } from './series-id-codec.ts';
import { encodeTimestampColumns } from './timestamp-columns.ts';

/**
 * Packs a series-major chunk; docs/storage-format.md draws the bytes.
 *
 * @throws RangeError when the chunk breaks what `Chunk` promises: only a bug can do that.
 */
export function encodeChunk(chunk: Chunk): Uint8Array {
  const head = encodeChunkHead(chunk.groups, chunk.offsets.length - 1);
  return seal('chunk', head, encodeSampleColumns(chunk, encodeTimestampColumns));
}

/** The head of a chunk of either kind. @throws RangeError when the groups do not have `series` series together. */
export function encodeChunkHead(groups: readonly ChunkGroup[], series: number): Uint8Array {
  const head = new ByteWriter();
  head.varint(groups.length);
  let found = 0;
  for (const { metric, idsHigh, idsLow } of groups) {
    head.section(Buffer.from(metric, 'utf8'));
    encodeIds(head, idsHigh, idsLow);
    found += idsHigh.length;
  }
  if (found !== series) throw new RangeError('BUG: groups of a chunk differ from its series');
  return head.bytes;
}
