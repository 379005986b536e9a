import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidHistogramError, validateHistogram } from '../../../lib/promql/histogram/validate.ts';
import { customHistograms, exponentialHistograms, histogramOf } from './histogram-of.ts';

describe('validateHistogram', () => {
  it('accepts what is consistent', () => {
    fc.assert(
      fc.property(fc.oneof(exponentialHistograms, customHistograms), (histogram) => {
        expect(() => validateHistogram(histogram)).not.toThrow();
      }),
    );
  });

  it.each([
    ['an unknown schema', histogramOf({ schema: -5 }), 'invalid schema -5'],
    ['a schema beyond the reserved ones', histogramOf({ schema: 53 }), 'invalid schema 53'],
    [
      'a negative bucket',
      histogramOf({ buckets: [1, -2] }),
      'positive side: bucket number 2 has observation count of -2',
    ],
    ['a negative count', histogramOf({ count: -1 }), 'observation count is -1'],
    ['a negative zero bucket', histogramOf({ zero: -3, count: 0 }), 'zero bucket has observation count of -3'],
    [
      'spans without buckets',
      { ...histogramOf({ buckets: [1] }), positiveSpans: [{ offset: 0, length: 3 }] },
      'spans need 3 buckets, have 1 buckets',
    ],
    [
      'overlapping spans',
      {
        ...histogramOf({ negative: [1, 2] }),
        negativeSpans: [
          { offset: 0, length: 1 },
          { offset: -1, length: 1 },
        ],
      },
      'negative side: span number 2 with offset -1',
    ],
    ['custom bounds that fall', histogramOf({ bounds: [2, 1] }), 'previous bound is 2 and current is 1'],
    ['a NaN bound', histogramOf({ bounds: [Number.NaN] }), 'must not be NaN'],
    ['an explicit +Inf bound', histogramOf({ bounds: [1, Number.POSITIVE_INFINITY] }), 'last +Inf bound'],
    ['too few bounds', histogramOf({ bounds: [1], buckets: [1, 2, 3] }), 'only 1 custom bounds defined'],
    ['custom buckets with a zero bucket', histogramOf({ bounds: [1], zero: 1 }), 'must have zero count of 0, have 1'],
    [
      'custom buckets with a zero threshold',
      histogramOf({ bounds: [1], width: 1 }),
      'must have zero threshold of 0, have 1',
    ],
    ['custom buckets below zero', histogramOf({ bounds: [1], negative: [1] }), 'must not have negative buckets'],
  ])('refuses %s', (_, histogram, message) => {
    expect(() => validateHistogram(histogram)).toThrow(InvalidHistogramError);
    expect(() => validateHistogram(histogram)).toThrow(message);
  });
});
