/** A run of consecutive buckets; `offset` is the gap to the end of the previous span (or to bucket 0). */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** What a sender knows about a counter reset before a histogram (`Histogram.ResetHint`). */
export const RESET_HINTS = ['unknown', 'yes', 'no', 'gauge'] as const;
export type ResetHint = (typeof RESET_HINTS)[number];

/** The schema number of a histogram with custom bucket bounds (NHCB). */
export const CUSTOM_BUCKETS_SCHEMA = -53;

/**
 * A native histogram as it travels: integer histograms hold bucket *deltas*, float histograms absolute *counts*
 * (`isFloat` tells which of the two is filled). Schema -4..8 are exponential, -53 has `customValues` as upper bounds.
 */
export interface Histogram {
  readonly timestamp: number;
  readonly startTimestamp?: number;
  readonly isFloat: boolean;
  readonly schema: number;
  readonly count: number;
  readonly sum: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly resetHint: ResetHint;
  readonly positiveSpans: readonly Span[];
  readonly positiveDeltas: readonly number[];
  readonly positiveCounts: readonly number[];
  readonly negativeSpans: readonly Span[];
  readonly negativeDeltas: readonly number[];
  readonly negativeCounts: readonly number[];
  readonly customValues: readonly number[];
}
