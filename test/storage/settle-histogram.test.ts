import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import { compareHistograms, outranksFloat } from '../../lib/storage/settle-histogram.ts';
import { arbitraryHistogram, STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';

const NOW = 1_763_800_000_000;
const any = arbitraryHistogram(fc.constant(NOW));
const of = (count: number, sum: number) => ({ ...STALE_HISTOGRAM, timestamp: NOW, count, sum });

describe('the order of histograms at one time', () => {
  it('is total: antisymmetric, transitive, and equal only where all is equal', () => {
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(Math.sign(compareHistograms(a, b)) + Math.sign(compareHistograms(b, a))).toBe(0);
        const [least, middle, greatest] = [a, b, c].sort(compareHistograms) as [typeof a, typeof a, typeof a];
        expect(compareHistograms(least, greatest)).toBeLessThanOrEqual(0);
        expect(compareHistograms(least, middle)).toBeLessThanOrEqual(0);
        if (compareHistograms(a, b) === 0) expect(a).toEqual(b);
        expect(compareHistograms(a, { ...a, positiveSpans: a.positiveSpans.map((span) => ({ ...span })) })).toBe(0);
      }),
    );
  });

  it.each([
    ['a stale marker gives way', of(0, STALE_NAN), of(0, Number.NaN)],
    ['the larger count wins', of(3, 100), of(4, 1)],
    ['then the larger sum', of(4, 1), of(4, 2)],
    ['then the later start', of(4, 1), { ...of(4, 1), startTimestamp: 5 }],
    ['then the finer schema', of(4, 1), { ...of(4, 1), schema: 3 }],
  ])('%s', (_, less, greater) => {
    expect(compareHistograms(less, greater)).toBeLessThan(0);
    expect(compareHistograms(greater, less)).toBeGreaterThan(0);
  });
});

describe('a float and a histogram at one time', () => {
  it.each([
    [1, 7, true],
    [1, STALE_NAN, true],
    [STALE_NAN, 7, false],
    [STALE_NAN, Number.NaN, false],
    [STALE_NAN, STALE_NAN, true],
  ])('a histogram of sum %d outranks %d: %s', (sum, value, expected) => {
    expect(outranksFloat({ sum }, value)).toBe(expected);
  });
});
