import { ByteWriter } from './byte-writer.ts';
import { encodeSampleColumns } from './encode-sample-columns.ts';
import { seal } from './envelope.ts';
import type { Chunk } from './sample-block.ts';
import { encodeIds } from './series-id-codec.ts';
import { encodeTimestampColumns } from './timestamp-columns.ts';

/**
 * Packs a series-major chunk; docs/storage-format.md draws the bytes.
 *
 * @throws RangeError when the chunk breaks what `Chunk` promises: only a bug can do that.
 */
export function encodeChunk(chunk: Chunk): Uint8Array {
  const head = new ByteWriter();
  head.varint(chunk.groups.length);
  let series = 0;
  for (const { metric, idsHigh, idsLow } of chunk.groups) {
    head.section(Buffer.from(metric, 'utf8'));
    encodeIds(head, idsHigh, idsLow);
    series += idsHigh.length;
  }
  if (series !== chunk.offsets.length - 1) throw new RangeError('BUG: groups of a chunk differ from its series');
  return seal('chunk', head.bytes, encodeSampleColumns(chunk, encodeTimestampColumns));
}
