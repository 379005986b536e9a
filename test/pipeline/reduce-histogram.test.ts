import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from '../../lib/model/histogram.ts';
import { reduceHistogram } from '../../lib/pipeline/reduce-histogram.ts';
import { validateHistogram } from '../../lib/pipeline/validate-histogram.ts';
import { allBuckets } from '../../lib/promql/histogram/bucket.ts';
import { toFloatHistogram } from '../../lib/promql/histogram/convert.ts';
import { arbitraryHistogram } from '../model/arbitrary-histogram.ts';

const any = arbitraryHistogram(fc.constant(1_763_800_000_000));
const exponential = any.filter(({ schema }) => schema !== CUSTOM_BUCKETS_SCHEMA);

describe('reduceHistogram', () => {
  it('leaves resolutions that we keep, and custom buckets, alone', () => {
    fc.assert(fc.property(any, (histogram) => reduceHistogram(histogram) === histogram));
  });

  it('adds buckets that fall together in schema 8, and what comes out is valid', () => {
    fc.assert(
      fc.property(exponential, fc.integer({ min: 9, max: 52 }), (given, schema) => {
        const fine: Histogram = { ...given, schema };
        expect(validateHistogram(fine)).toBeUndefined();
        const reduced = reduceHistogram(fine);
        expect(reduced).toMatchObject({ schema: 8, count: fine.count, isFloat: fine.isFloat });
        expect(validateHistogram(reduced)).toBeUndefined();
        if (!fine.isFloat) expect(observed(reduced)).toBe(observed(fine));
      }),
    );
  });

  it('puts two neighbours of schema 9 into one bucket', () => {
    const fine: Histogram = {
      timestamp: 1,
      isFloat: false,
      schema: 9,
      count: 7,
      sum: 7,
      zeroThreshold: 0,
      zeroCount: 0,
      resetHint: 'unknown',
      positiveSpans: [{ offset: 1, length: 4 }],
      positiveDeltas: [1, 1, 0, 0],
      positiveCounts: [],
      negativeSpans: [],
      negativeDeltas: [],
      negativeCounts: [],
      customValues: [],
    };
    expect(reduceHistogram(fine)).toMatchObject({
      positiveSpans: [{ offset: 1, length: 2 }],
      positiveDeltas: [3, 1],
    });
  });
});

function observed(histogram: Histogram): number {
  return allBuckets(toFloatHistogram(histogram)).reduce((sum, { count }) => sum + count, 0);
}
