import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addHistograms } from '../../../lib/promql/histogram/arithmetic.ts';
import { detectReset } from '../../../lib/promql/histogram/detect-reset.ts';
import { exponentialHistograms, histogramOf } from './histogram-of.ts';

describe('detectReset', () => {
  it.each([
    ['a lower count', { buckets: [1] }, { buckets: [2] }, true],
    ['a bucket that fell behind an equal count', { buckets: [1, 3] }, { buckets: [2, 2] }, true],
    ['a populated bucket that is gone', { buckets: [0, 9] }, { buckets: [1] }, true],
    ['an empty bucket that is gone', { buckets: [9] }, { buckets: [1, 0] }, false],
    ['a negative bucket that fell', { negative: [1], buckets: [9] }, { negative: [2] }, true],
    ['a finer resolution', { schema: 1, buckets: [9] }, { schema: 0, buckets: [1] }, true],
    ['a coarser resolution', { schema: 0, buckets: [1, 8] }, { schema: 1, buckets: [1, 1, 1] }, false],
    ['a coarser resolution with less', { schema: 0, buckets: [9, 1] }, { schema: 1, buckets: [1, 1, 1] }, true],
    ['a narrower zero bucket', { width: 0.1, zero: 9 }, { width: 0.2, zero: 1 }, true],
    [
      'a wider zero bucket',
      { width: 1, zero: 5, buckets: [3], offset: 1 },
      { width: 0.5, zero: 1, buckets: [3] },
      false,
    ],
    ['a zero bucket that ends inside a bucket', { width: 0.75, zero: 9 }, { width: 0.5, zero: 1, buckets: [3] }, true],
    ['more everywhere', { buckets: [5, 5] }, { buckets: [1, 1] }, false],
    ['custom buckets after exponential ones', { bounds: [1], buckets: [9] }, { buckets: [1] }, true],
    ['a custom bucket that fell', { bounds: [5, 10], buckets: [0, 5] }, { bounds: [5, 10], buckets: [1, 1] }, true],
    ['other custom bounds', { bounds: [5, 10], buckets: [1] }, { bounds: [5], buckets: [1] }, false],
    [
      'other custom bounds with less in common',
      { bounds: [2, 3, 4, 6], buckets: [1, 0, 1, 5, 8] },
      { bounds: [2, 4, 6], buckets: [1, 2, 5, 7] },
      true,
    ],
    ['a hint of a reset', { buckets: [9], hint: 'yes' as const }, { buckets: [1] }, true],
    ['a hint of none', { buckets: [1], hint: 'no' as const }, { buckets: [9] }, false],
    ['a gauge that fell', { buckets: [1], hint: 'gauge' as const }, { buckets: [9] }, true],
  ])('judges %s', (_, current, previous, expected) => {
    expect(detectReset(histogramOf(current), histogramOf(previous))).toBe(expected);
  });

  it('sees no reset where something was added', () => {
    fc.assert(
      fc.property(exponentialHistograms, exponentialHistograms, (a, b) => {
        expect(detectReset(addHistograms(a, b).histogram, a)).toBe(false);
      }),
    );
  });
});
