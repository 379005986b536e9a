import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramFraction } from '../../../lib/promql/histogram/fraction.ts';
import { histogramQuantile } from '../../../lib/promql/histogram/quantile.ts';
import { customHistograms, exponentialHistograms, histogramOf } from './histogram-of.ts';

describe('histogramQuantile', () => {
  const positive = histogramOf({ zero: 2, width: 0.001, buckets: [2, 3, 0, 1, 4] });

  it.each([
    [0.99, 15.67072476139083],
    [0.6, 4.594793419988138],
    [0.5, 1.5874010519681994],
    [0.1, 0.0006],
    [0, 0],
    [1, 16],
    [-1, Number.NEGATIVE_INFINITY],
    [1.001, Number.POSITIVE_INFINITY],
    [Number.NaN, Number.NaN],
  ])('interpolates q = %d', (q, expected) => {
    const { value } = histogramQuantile(q, positive);
    if (Number.isFinite(expected)) expect(value).toBeCloseTo(expected, 12);
    else expect(value).toBe(expected);
  });

  it('mirrors negative buckets', () => {
    const mirrored = histogramOf({ buckets: [], negative: [1, 2, 1] });
    expect(histogramQuantile(0.5, mirrored).value).toBeCloseTo(-Math.SQRT2, 12);
  });

  it('interpolates custom buckets linearly and never beyond the last bound', () => {
    const custom = histogramOf({ bounds: [5, 10], buckets: [1, 2, 1] });
    expect(histogramQuantile(0.125, custom).value).toBe(2.5);
    expect(histogramQuantile(0.5, custom).value).toBe(7.5);
    expect(histogramQuantile(1, custom).value).toBe(10);
    expect(histogramQuantile(0.1, histogramOf({ bounds: [-5, 10], buckets: [9, 1] })).value).toBe(-5);
  });

  it('is NaN without observations', () => {
    expect(histogramQuantile(0.5, histogramOf()).value).toBeNaN();
  });

  it('tells what NaN observations did', () => {
    const some = histogramOf({ count: 15, sum: Number.NaN, buckets: [12] });
    expect(histogramQuantile(0.9, some)).toEqual({ value: Number.NaN, nanEffect: 'result-is-nan' });
    expect(histogramQuantile(0.4, some)).toEqual({
      value: expect.closeTo(Math.SQRT1_2, 12),
      nanEffect: 'skewed-higher',
    });
    const infinite = histogramOf({ sum: Number.NaN, buckets: [12] });
    expect(histogramQuantile(0.4, infinite).nanEffect).toBe('none');
  });

  it('rises with q', () => {
    fc.assert(
      fc.property(
        fc.oneof(exponentialHistograms, customHistograms),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        (histogram, qs) => {
          fc.pre(histogram.count > 0);
          const [low = 0, high = 0] = [...qs].sort((a, b) => a - b);
          const [a, b] = [histogramQuantile(low, histogram).value, histogramQuantile(high, histogram).value];
          expect(a).toBeLessThanOrEqual(b + 1e-9 * Math.abs(b));
        },
      ),
    );
  });

  it('is undone by histogramFraction', () => {
    fc.assert(
      fc.property(exponentialHistograms, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (histogram, q) => {
        fc.pre(histogram.count > 0 && histogram.zeroThreshold > 0);
        const { value } = histogramQuantile(q, histogram);
        const fraction = histogramFraction(Number.NEGATIVE_INFINITY, value, histogram).value;
        // A quantile at a bound next to empty buckets stands for all values in between.
        expect(fraction).toBeGreaterThan(q - 1e-6);
        expect(
          histogramFraction(Number.NEGATIVE_INFINITY, value - 1e-6 * Math.abs(value) - 1e-9, histogram).value,
        ).toBeLessThan(q + 1e-2);
      }),
    );
  });
});
