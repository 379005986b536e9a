import { ByteReader } from './byte-reader.ts';
import { decodeChunkHead } from './decode-chunk.ts';
import { decodeHistogramColumns } from './decode-histogram-columns.ts';
import { unseal } from './envelope.ts';
import type { DecodedHistograms } from './histogram-block.ts';
import type { ChunkGroup } from './sample-block.ts';
import { decodeIds } from './series-id-codec.ts';

/** The ids of a block of histograms, and its histograms for who wants them. */
export interface OpenHistogramBlock {
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
  /** Inflates and decodes on call. */
  readonly histograms: () => DecodedHistograms;
}

/** The groups of a chunk of histograms, and its histograms for who wants them. */
export interface OpenHistogramChunk {
  readonly groups: readonly ChunkGroup[];
  /** Inflates and decodes on call. */
  readonly histograms: () => DecodedHistograms;
}

/** @throws CorruptBlockError, here or from `histograms`. */
export function openHistogramBlock(bytes: Uint8Array): OpenHistogramBlock {
  const { head, body } = unseal('histograms', bytes);
  const reader = new ByteReader(head);
  const { high: idsHigh, low: idsLow } = decodeIds(reader);
  reader.end();
  return { idsHigh, idsLow, histograms: () => decodeHistogramColumns(body(), idsHigh.length) };
}

/** @throws CorruptBlockError, here or from `histograms`. */
export function openHistogramChunk(bytes: Uint8Array): OpenHistogramChunk {
  const { head, body } = unseal('histogramChunk', bytes);
  const { groups, series } = decodeChunkHead(head);
  return { groups, histograms: () => decodeHistogramColumns(body(), series) };
}
