import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramFraction } from '../../../lib/promql/histogram/fraction.ts';
import { customHistograms, exponentialHistograms, histogramOf } from './histogram-of.ts';

const INFINITY = Number.POSITIVE_INFINITY;

describe('histogramFraction', () => {
  const positive = histogramOf({ zero: 2, width: 0.001, buckets: [2, 3, 0, 1, 4] });

  it.each([
    [0, INFINITY, 1],
    [-INFINITY, 0, 0],
    [0, 0.0005, 1 / 12],
    [1.5, 2, 0.10375937481971091],
    [0, 6, 0.6320802083934297],
    [42, 3.5, 0],
    [7, 7, 0],
    [-8, -1, 0],
  ])('between %d and %d', (lower, upper, expected) => {
    expect(histogramFraction(lower, upper, positive).value).toBeCloseTo(expected, 12);
  });

  it('is NaN for a NaN bound or without observations', () => {
    expect(histogramFraction(Number.NaN, 1, positive).value).toBeNaN();
    expect(histogramFraction(0, Number.NaN, positive).value).toBeNaN();
    expect(histogramFraction(0, 1, histogramOf()).value).toBeNaN();
  });

  it('counts a first custom bucket without lower bound whole, a last one without upper bound not at all', () => {
    const custom = histogramOf({ bounds: [-3, -2, -1], buckets: [10, 2, 3, 85] });
    expect(histogramFraction(-4, -2, custom).value).toBeCloseTo(0.02, 12);
    expect(histogramFraction(-INFINITY, -1.5, custom).value).toBeCloseTo(0.135, 12);
    expect(histogramFraction(0, 1, custom).value).toBe(0);
  });

  it('leaves NaN observations out and says so', () => {
    const some = histogramOf({ count: 15, sum: Number.NaN, buckets: [12] });
    expect(histogramFraction(-INFINITY, INFINITY, some)).toEqual({ value: 0.8, nanEffect: 'excluded' });
  });

  it('of neighbouring ranges adds up', () => {
    const bound = fc.double({ min: -50, max: 50, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(exponentialHistograms, customHistograms), bound, (histogram, middle) => {
        fc.pre(histogram.count > 0);
        const below = histogramFraction(-INFINITY, middle, histogram).value;
        const above = histogramFraction(middle, INFINITY, histogram).value;
        expect(below + above).toBeCloseTo(1, 9);
      }),
    );
  });
});
