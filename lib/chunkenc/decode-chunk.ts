import { ByteReader } from './byte-reader.ts';
import { decodeSampleColumns } from './decode-sample-columns.ts';
import { unseal } from './envelope.ts';
import type { ChunkGroup, SampleColumns } from './sample-block.ts';
import { decodeIds } from './series-id-codec.ts';

/** The groups of a chunk, and its samples for who wants them. */
export interface OpenChunk {
  readonly groups: readonly ChunkGroup[];
  /** Inflates and decodes on call. */
  readonly samples: () => SampleColumns;
}

/** @throws CorruptBlockError, here or from `samples`. */
export function openChunk(bytes: Uint8Array): OpenChunk {
  const { head, body } = unseal('chunk', bytes);
  const { groups, series } = decodeChunkHead(head);
  return { groups, samples: () => decodeSampleColumns(body(), series) };
}

/** The groups of a chunk of either kind, and how many series they have together. @throws CorruptBlockError */
export function decodeChunkHead(head: Uint8Array): {
  readonly groups: readonly ChunkGroup[];
  readonly series: number;
} {
  const reader = new ByteReader(head);
  const groups = Array.from({ length: reader.count(2) }, (): ChunkGroup => {
    const metric = Buffer.from(reader.section()).toString('utf8');
    const { high: idsHigh, low: idsLow } = decodeIds(reader);
    return { metric, idsHigh, idsLow };
  });
  reader.end();
  return { groups, series: groups.reduce((sum, { idsHigh }) => sum + idsHigh.length, 0) };
}
