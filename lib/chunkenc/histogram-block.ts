import type { Histogram } from '../model/histogram.ts';
import type { ChunkGroup } from './sample-block.ts';

/** Histograms of many series: `offsets[i]` to `offsets[i + 1]` are series i's, ascending in time. */
export interface HistogramColumns {
  /** One more than there are series; starts at 0, never descends. */
  readonly offsets: Uint32Array;
  /** The buckets of each are as many as its spans say. */
  readonly histograms: readonly Histogram[];
}

/** What a commit writes: series in the order of their ids (64 bits in two halves, strictly ascending). */
export interface HistogramBlock extends HistogramColumns {
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
}

/** What compaction writes: series of one metric after the other. */
export interface HistogramChunk extends HistogramColumns {
  readonly groups: readonly ChunkGroup[];
}

/** Histograms that were read: those of one series become objects when they are asked for. */
export interface DecodedHistograms {
  readonly offsets: Uint32Array;
  readonly of: (series: number) => readonly Histogram[];
}

/** Numbers of a run of histograms: eight raw bytes each, or (mode - 1) decimal places and whole-number differences. */
export const RAW_NUMBERS = 0;
