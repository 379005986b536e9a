import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalScale, fromMantissa, toMantissa } from '../../lib/chunkenc/decimal-scale.ts';

describe('decimalScale', () => {
  it.each<[string, number[], number]>([
    ['integers', [1, 2, -3], 0],
    ['mixed places', [1, 2.5, 0.125], 3],
    ['zero', [0], 0],
    ['nothing', [], 0],
    ['negative zero', [-0], -1],
    ['NaN', [1, Number.NaN], -1],
    ['infinity', [Number.POSITIVE_INFINITY], -1],
    ['long fractions', [1 / 3], -1],
    ['huge numbers', [1e300], -1],
    ['a sum with float noise', [0.1 + 0.2], -1],
  ])('of %s', (_, values, scale) => {
    expect(decimalScale(Float64Array.from(values), 0, values.length)).toBe(scale);
  });

  it('is only given where mantissas are exact', () => {
    const value = fc.oneof(
      fc.double(),
      fc
        .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 18 }))
        .map(([mantissa, places]) => Number(`${mantissa}e-${places}`)),
    );
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const scale = decimalScale(Float64Array.from(values), 0, values.length);
        if (scale < 0) return;
        for (const one of values) expect(fromMantissa(toMantissa(one, scale), scale)).toBe(one);
      }),
      { numRuns: 1000 },
    );
  });
});
