import fc from 'fast-check';
import { CUSTOM_BUCKETS_SCHEMA, type Span } from '../../../lib/model/histogram.ts';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';

interface Draft {
  readonly schema?: number;
  readonly sum?: number;
  readonly count?: number;
  readonly zero?: number;
  readonly width?: number;
  /** Counts from bucket `offset` on. */
  readonly buckets?: readonly number[];
  readonly offset?: number;
  readonly negative?: readonly number[];
  readonly negativeOffset?: number;
  readonly bounds?: readonly number[];
  readonly hint?: FloatHistogram['resetHint'];
}

/** A histogram; `count` is by default the sum of its buckets. */
export function histogramOf(draft: Draft = {}): FloatHistogram {
  const { buckets = [], negative = [], zero = 0 } = draft;
  const observed = [...buckets, ...negative, zero].reduce((total, count) => total + count, 0);
  return {
    resetHint: draft.hint ?? 'unknown',
    schema: draft.schema ?? (draft.bounds === undefined ? 0 : CUSTOM_BUCKETS_SCHEMA),
    zeroThreshold: draft.width ?? 0,
    zeroCount: zero,
    count: draft.count ?? observed,
    sum: draft.sum ?? observed,
    positiveSpans: spanOf(buckets, draft.offset),
    positiveBuckets: Float64Array.from(buckets),
    negativeSpans: spanOf(negative, draft.negativeOffset),
    negativeBuckets: Float64Array.from(negative),
    customValues: draft.bounds ?? [],
  };
}

const counts = fc.array(fc.nat(1000), { maxLength: 12 });

/** Exponential histograms of whole counts, of several resolutions and zero buckets. */
export const exponentialHistograms: fc.Arbitrary<FloatHistogram> = fc
  .record({
    schema: fc.integer({ min: -2, max: 3 }),
    width: fc.constantFrom(0, 0.001, 0.25, 1),
    zero: fc.nat(100),
    buckets: counts,
    offset: fc.integer({ min: 5, max: 20 }),
    negative: counts,
    negativeOffset: fc.integer({ min: 5, max: 20 }),
    sum: fc.integer({ min: -1000, max: 1000 }),
  })
  .map(histogramOf);

/** Histograms with custom buckets, bounds drawn from a few so that they overlap. */
export const customHistograms: fc.Arbitrary<FloatHistogram> = fc
  .subarray([0.1, 0.5, 1, 2.5, 5, 10], { minLength: 1 })
  .chain((bounds) =>
    fc.record({
      bounds: fc.constant(bounds),
      buckets: fc.array(fc.nat(1000), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
    }),
  )
  .map(histogramOf);

function spanOf(buckets: readonly number[], offset = 0): Span[] {
  return buckets.length === 0 ? [] : [{ offset, length: buckets.length }];
}
