import { openChunk } from '../../chunkenc/decode-chunk.ts';
import { openHistogramBlock, openHistogramChunk } from '../../chunkenc/decode-histogram-block.ts';
import { openSampleBlock } from '../../chunkenc/decode-sample-block.ts';
import { isOfKind } from '../../chunkenc/envelope.ts';
import type { DecodedHistograms } from '../../chunkenc/histogram-block.ts';
import type { ChunkGroup, SampleColumns } from '../../chunkenc/sample-block.ts';
import type { SeriesBuilder } from '../series-builder.ts';
import { FLOATS, HISTOGRAMS, sliceColumn } from './sample-kind.ts';

/** Decoded samples of many series, floats or histograms: whoever reads them need not know which. */
export interface StoredSamples {
  readonly count: number;
  /** In floats. */
  readonly weight: number;
  /** The columns themselves, where they are floats. */
  readonly floats?: SampleColumns;
  /** Gives what lies in [mint, maxt] of one series, by its place, to a builder; returns how many samples. */
  readonly push: (builder: SeriesBuilder, series: number, mint?: number, maxt?: number) => number;
}

/** The ids of a block, and its samples for who wants them. */
export interface OpenBlock {
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
  /** Inflates and decodes on call. */
  readonly samples: () => StoredSamples;
}

/** Opens a block of either kind. @throws CorruptBlockError, here or from `samples`. */
export function openBlock(payload: Uint8Array): OpenBlock {
  if (isOfKind('histograms', payload)) {
    const { idsHigh, idsLow, histograms } = openHistogramBlock(payload);
    return { idsHigh, idsLow, samples: () => ofHistograms(histograms()) };
  }
  const { idsHigh, idsLow, samples } = openSampleBlock(payload);
  return { idsHigh, idsLow, samples: () => ofFloats(samples()) };
}

/** Opens a chunk of either kind. @throws CorruptBlockError, here or from `samples`. */
export function openAnyChunk(payload: Uint8Array): {
  readonly groups: readonly ChunkGroup[];
  readonly samples: () => StoredSamples;
} {
  if (isOfKind('histogramChunk', payload)) {
    const { groups, histograms } = openHistogramChunk(payload);
    return { groups, samples: () => ofHistograms(histograms()) };
  }
  const { groups, samples } = openChunk(payload);
  return { groups, samples: () => ofFloats(samples()) };
}

function ofFloats(floats: SampleColumns): StoredSamples {
  const { offsets, ...columns } = floats;
  return {
    floats,
    count: columns.timestamps.length,
    weight: columns.timestamps.length * FLOATS.weight,
    push: (builder, series, mint, maxt) => {
      const [begin, end] = [offsets[series] as number, offsets[series + 1] as number];
      return builder.pushColumn(sliceColumn(columns, begin, end), mint, maxt);
    },
  };
}

function ofHistograms({ offsets, of }: DecodedHistograms): StoredSamples {
  const count = offsets[offsets.length - 1] as number;
  return {
    count,
    weight: count * HISTOGRAMS.weight,
    push: (builder, series, mint, maxt) => builder.pushHistograms(of(series), mint, maxt),
  };
}
