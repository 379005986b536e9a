/** Float samples of many series in columns: samples `offsets[i]` to `offsets[i + 1]` are series i's, ascending in time. */
export interface SampleColumns {
  /** One more than there are series; starts at 0, never descends. */
  readonly offsets: Uint32Array;
  /** Milliseconds. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Milliseconds, 0 where unset; absent when no sample has one. */
  readonly startTimestamps?: Float64Array;
}

/** What a commit writes: series in the order of their ids. */
export interface SampleBlock extends SampleColumns {
  /** Series ids, 64 bits each in two halves; strictly ascending as unsigned numbers. */
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
}

/** The series of one metric in a chunk, their ids ascending. */
export interface ChunkGroup {
  readonly metric: string;
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
}

/** What compaction writes: series of one metric after the other. `offsets` run over the series of all groups. */
export interface Chunk extends SampleColumns {
  readonly groups: readonly ChunkGroup[];
}

/** How the timestamps of a block are written. */
export const TIMESTAMP_MODES = {
  /** Distinct timestamps once, and for each sample its place among them: scraped targets share few timestamps. */
  dictionary: 0,
  /** Differences of differences: for samples that share nothing. */
  direct: 1,
  /** Distinct columns of timestamps once, and for each series the place of its own: series of one target share one. */
  columns: 2,
} as const;

/** Values of a series: eight raw bytes each, or (mode - 1) decimal places and whole-number differences. */
export const RAW_VALUES = 0;

/** Values of a series as fractions with corrections (`fraction-codec.ts`); above all modes of decimals. */
export const FRACTIONS = 17;
