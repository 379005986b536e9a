import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageHistograms, sumHistograms } from '../../../lib/promql/histogram/aggregate.ts';
import { addHistograms, divideHistogram } from '../../../lib/promql/histogram/arithmetic.ts';
import { compactHistogram } from '../../../lib/promql/histogram/compact.ts';
import { histogramsEqual } from '../../../lib/promql/histogram/equals.ts';
import { exponentialHistograms, histogramOf } from './histogram-of.ts';

describe('sumHistograms', () => {
  it('keeps small values beside large ones that cancel out', () => {
    const sums = [1, 1e100, 1, -1e100].map((sum) => histogramOf({ sum, buckets: [1] }));
    expect(sumHistograms(sums).histogram.sum).toBe(2);
  });

  it('equals adding one after the other', () => {
    fc.assert(
      fc.property(fc.array(exponentialHistograms, { minLength: 1, maxLength: 5 }), (list) => {
        const [first, ...rest] = list;
        if (first === undefined) return;
        const expected = rest.reduce((sum, one) => addHistograms(sum, one).histogram, first);
        expect(histogramsEqual(compactHistogram(sumHistograms(list).histogram), compactHistogram(expected))).toBe(true);
      }),
    );
  });

  it('sums a part of a list', () => {
    const list = [1, 2, 4, 8].map((count) => histogramOf({ buckets: [count] }));
    expect(sumHistograms(list, 1, 3).histogram.count).toBe(6);
  });

  it('tells of contradicting hints even where a gauge stands between', () => {
    const list = (['yes', 'gauge', 'no'] as const).map((hint) => histogramOf({ hint, buckets: [1] }));
    expect(sumHistograms(list)).toMatchObject({ hintCollision: true, histogram: { resetHint: 'gauge' } });
  });
});

describe('averageHistograms', () => {
  it('divides the sum by the count', () => {
    const list = [1, 2, 6].map((count) => histogramOf({ buckets: [count, 3] }));
    const { histogram } = averageHistograms(list);
    expect(histogramsEqual(histogram, divideHistogram(sumHistograms(list).histogram, 3))).toBe(true);
  });

  it('does not overflow where the sum would', () => {
    const list = [Number.MAX_VALUE, 1e308, 0].map((count) => histogramOf({ count, sum: 3 }));
    const { histogram } = averageHistograms(list);
    expect(histogram.count).toBeCloseTo(Number.MAX_VALUE / 3 + 1e308 / 3, -294);
    expect(histogram.sum).toBeCloseTo(3, 12);
  });
});
