import type { ResetHint, Span } from '../model/histogram.ts';

/** A native histogram in the form the engine computes with: absolute float bucket counts. */
export interface FloatHistogram {
  readonly resetHint: ResetHint;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positiveSpans: readonly Span[];
  readonly negativeSpans: readonly Span[];
  readonly positiveBuckets: Float64Array;
  readonly negativeBuckets: Float64Array;
  /** Upper bounds of custom buckets (schema -53); empty otherwise. */
  readonly customValues: readonly number[];
}
