import { describe, expect, it } from 'vitest';
import { histogramsEqual } from '../../../lib/promql/histogram/equals.ts';
import { histogramOf } from './histogram-of.ts';

describe('histogramsEqual', () => {
  const histogram = histogramOf({ buckets: [1, 2, 3], zero: 1, width: 0.5 });

  it('does not mind how spans are cut, nor the hint', () => {
    const cut = {
      ...histogram,
      resetHint: 'gauge' as const,
      positiveSpans: [
        { offset: 0, length: 1 },
        { offset: 0, length: 2 },
      ],
    };
    expect(histogramsEqual(histogram, cut)).toBe(true);
  });

  it('takes NaN to equal NaN', () => {
    expect(histogramsEqual(histogramOf({ sum: Number.NaN }), histogramOf({ sum: Number.NaN }))).toBe(true);
  });

  it.each([
    ['a bucket', { buckets: [1, 2, 4], count: 7, sum: 7 }],
    ['its place', { buckets: [1, 2, 3], offset: 1 }],
    ['an empty bucket', { buckets: [1, 2, 3, 0] }],
    ['the sum', { buckets: [1, 2, 3], sum: 9 }],
    ['the zero bucket', { buckets: [1, 2, 3], width: 0.25 }],
    ['the schema', { buckets: [1, 2, 3], schema: 1 }],
  ])('minds %s', (_, other) => {
    expect(histogramsEqual(histogram, histogramOf({ zero: 1, width: 0.5, ...other }))).toBe(false);
  });
});
