import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramToScript } from '../../../lib/promql/histogram/format.ts';
import { histogramFraction } from '../../../lib/promql/histogram/fraction.ts';
import { trimHistogram } from '../../../lib/promql/histogram/trim.ts';
import { exponentialHistograms, histogramOf } from './histogram-of.ts';

const INFINITY = Number.POSITIVE_INFINITY;

describe('trimHistogram', () => {
  const exponential = histogramOf({ sum: 123.75, zero: 1, width: 0.001, buckets: [2, 4, 8, 16], negative: [1, 2] });
  const custom = histogramOf({ sum: 172.5, bounds: [5, 10, 15, 20], buckets: [1, 6, 4, 3, 1] });

  it.each([
    ['above', INFINITY, { count: 0, sum: 0 }],
    ['below', -INFINITY, { count: 0, sum: 0 }],
    ['below', INFINITY, { count: 34, sum: 123.75 }],
    ['above', -INFINITY, { count: 34, sum: 123.75 }],
    ['above', 0, { count: 30.5, sum: 120.20840280171308 }],
    ['below', Math.SQRT2, { count: 8, sum: 0.2570938865989847 }],
    ['above', 2, { count: 24, sum: 113.13708498984761 }],
    ['above', -1, { count: 32, sum: 119.50104602052653 }],
    ['below', -1, { count: 2, sum: -2.8284271247461903 }],
  ] as const)('keeps what is %s %d of exponential buckets', (side, cutoff, { count, sum }) => {
    const trimmed = trimHistogram(exponential, cutoff, side);
    expect(trimmed.count).toBeCloseTo(count, 6);
    expect(trimmed.sum).toBeCloseTo(sum, 6);
  });

  it.each([
    ['below', 15, '{{schema:-53 count:11 sum:97.5 custom_values:[5 10 15 20] buckets:[1 6 4]}}'],
    ['below', 13, '{{schema:-53 count:9.4 sum:75.1 custom_values:[5 10 15 20] buckets:[1 6 2.4]}}'],
    ['above', 15, '{{schema:-53 count:4 sum:72.5 custom_values:[5 10 15 20] offset:3 buckets:[3 1]}}'],
    ['below', 50, '{{schema:-53 count:14 sum:150 custom_values:[5 10 15 20] buckets:[1 6 4 3]}}'],
    ['below', -INFINITY, '{{schema:-53 custom_values:[5 10 15 20]}}'],
    ['above', INFINITY, '{{schema:-53 custom_values:[5 10 15 20]}}'],
  ] as const)('keeps what is %s %d of custom buckets', (side, cutoff, expected) => {
    expect(histogramToScript(trimHistogram(custom, cutoff, side))).toBe(expected);
  });

  it('takes a zero bucket beside positive buckets only to be positive', () => {
    const positive = histogramOf({ sum: 8, zero: 2, width: 0.5, buckets: [10] });
    expect(histogramToScript(trimHistogram(positive, 0, 'below'))).toBe('{{z_bucket_w:0.5}}');
    expect(trimHistogram(positive, 0.25, 'above')).toMatchObject({ zeroCount: 1, count: 11 });
  });

  it('gives back the histogram itself where nothing is cut', () => {
    expect(trimHistogram(exponential, 1000, 'below')).toBe(exponential);
    expect(trimHistogram(histogramOf(), 5, 'above')).toEqual(histogramOf());
  });

  it('counts what histogramFraction counts', () => {
    const cutoffs = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(exponentialHistograms, cutoffs, (histogram, cutoff) => {
        fc.pre(histogram.count > 0);
        const below = histogramFraction(-INFINITY, cutoff, histogram).value * histogram.count;
        fc.pre(
          histogram.positiveBuckets.every((count) => count > 0) &&
            histogram.negativeBuckets.every((count) => count > 0),
        );
        expect(trimHistogram(histogram, cutoff, 'below').count).toBeCloseTo(below, 6);
        expect(trimHistogram(histogram, cutoff, 'above').count).toBeCloseTo(histogram.count - below, 6);
      }),
    );
  });
});
