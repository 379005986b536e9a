/**
 * Float samples of many series in columns. Series stand in the order of their ids; samples `offsets[i]` to
 * `offsets[i + 1]` belong to series i and ascend in time.
 */
export interface SampleBlock {
  /** Series ids, 64 bits each in two halves; strictly ascending as unsigned numbers. */
  readonly idsHigh: Uint32Array;
  readonly idsLow: Uint32Array;
  /** One more than there are series; starts at 0, never descends. */
  readonly offsets: Uint32Array;
  /** Milliseconds. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Milliseconds, 0 where unset; absent when no sample has one. */
  readonly startTimestamps?: Float64Array;
}

/** How the timestamps of a block are written. */
export const TIMESTAMP_MODES = {
  /** Distinct timestamps once, and for each sample its place among them: scraped targets share few timestamps. */
  dictionary: 0,
  /** Differences of differences: for samples that share nothing. */
  direct: 1,
} as const;

/** Values of a series: eight raw bytes each, or (mode - 1) decimal places and whole-number differences. */
export const RAW_VALUES = 0;
