import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFraction, toFraction } from '../../lib/chunkenc/fraction.ts';

const value = fc.oneof(
  fc.double(),
  fc.tuple(fc.integer(), fc.integer({ min: 1, max: 1e6 })).map(([a, b]) => a / b),
  fc.tuple(fc.integer(), fc.integer({ min: 1, max: 1e4 })).map(([a, b]) => ((a / 100) * (300 / 285)) / b),
);

describe('toFraction', () => {
  it('gives back every bit of what it takes', () => {
    fc.assert(
      fc.property(value, (number) => {
        const found = toFraction(number);
        if (found === undefined) return;
        expect(Object.is(fromFraction(found.numerator, found.denominator, found.ulps), number)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [0.25, 1, 4],
    [-2 / 3, -2, 3],
    [0, 0, 1],
    [17, 17, 1],
    [4711 / 285, 4711, 285],
  ])('finds the simplest fraction of %d', (number, numerator, denominator) => {
    expect(toFraction(number)).toEqual({ numerator, denominator, ulps: 0 });
  });

  it('keeps what rounding did to a rate as PromQL computes it', () => {
    const rate = 1234 * (300 / 285 / 300);
    expect(toFraction(rate)).toMatchObject({ numerator: 1234, denominator: 285 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -0, Number.MIN_VALUE, Number.MAX_VALUE])(
    'leaves %d alone',
    (number) => {
      expect(toFraction(number)).toBeUndefined();
    },
  );

  it('corrects across words and powers of two', () => {
    for (const number of [1 + 2 ** -52, 1 - 2 ** -53, 2 ** 32 + 2 ** -20, -(1 + 2 ** -52)]) {
      const found = toFraction(number);
      expect(found && fromFraction(found.numerator, found.denominator, found.ulps)).toBe(number);
    }
  });
});
