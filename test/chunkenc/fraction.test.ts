import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFraction, newFractions, toFraction, toFractionOf } from '../../lib/chunkenc/fraction.ts';

const value = fc.oneof(
  fc.double(),
  fc.tuple(fc.integer(), fc.integer({ min: 1, max: 1e6 })).map(([a, b]) => a / b),
  fc.tuple(fc.integer(), fc.integer({ min: 1, max: 1e4 })).map(([a, b]) => ((a / 100) * (300 / 285)) / b),
);

function fractionOf(value: number) {
  const into = newFractions(1);
  return toFraction(value, into, 0) ? first(into) : undefined;
}

function first({ numerators, denominators, ulps }: ReturnType<typeof newFractions>) {
  return { numerator: numerators[0], denominator: denominators[0], ulps: ulps[0] };
}

function valueFrom({ numerator, denominator, ulps }: ReturnType<typeof first>): number {
  return fromFraction(numerator as number, denominator as number, ulps as number);
}

describe('toFraction', () => {
  it('gives back every bit of what it takes', () => {
    fc.assert(
      fc.property(value, (number) => {
        const found = fractionOf(number);
        if (found === undefined) return;
        expect(Object.is(valueFrom(found), number)).toBe(true);
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
    expect(fractionOf(number)).toEqual({ numerator, denominator, ulps: 0 });
  });

  it('keeps what rounding did to a rate as PromQL computes it', () => {
    const rate = 1234 * (300 / 285 / 300);
    expect(fractionOf(rate)).toMatchObject({ numerator: 1234, denominator: 285 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -0, Number.MIN_VALUE, Number.MAX_VALUE])(
    'leaves %d alone',
    (number) => {
      expect(fractionOf(number)).toBeUndefined();
    },
  );

  it('corrects across words and powers of two', () => {
    for (const number of [1 + 2 ** -52, 1 - 2 ** -53, 2 ** 32 + 2 ** -20, -(1 + 2 ** -52)]) {
      const found = fractionOf(number);
      expect(found && valueFrom(found)).toBe(number);
    }
  });
});

describe('toFractionOf', () => {
  const denominator = fc.oneof(fc.constantFrom(1, 285, 300), fc.integer({ min: 1, max: 2 ** 30 }));

  it('gives back every bit of what it takes, with the denominator that was given', () => {
    fc.assert(
      fc.property(value, denominator, (number, given) => {
        const into = newFractions(1);
        if (!toFractionOf(number, given, into, 0)) return;
        expect(into.denominators[0]).toBe(given);
        expect(Object.is(valueFrom(first(into)), number)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [4711 / 285, 285, 4711],
    [-3 / 95, 285, -9],
    [0, 285, 0],
    [7, 1, 7],
  ])('finds %d with the denominator %d', (number, given, numerator) => {
    const into = newFractions(1);
    expect(toFractionOf(number, given, into, 0)).toBe(true);
    expect(first(into)).toMatchObject({ numerator, denominator: given });
  });

  it.each([1 / 7, 1e-9, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 41])('leaves %d alone', (number) => {
    const into = newFractions(1);
    expect(toFractionOf(number, 285, into, 0)).toBe(false);
    expect(into).toEqual(newFractions(1));
  });
});
