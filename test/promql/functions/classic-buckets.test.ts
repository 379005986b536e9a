import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClassicBuckets } from '../../../lib/promql/functions/classic-buckets.ts';

const INFINITY = Number.POSITIVE_INFINITY;

function bucketsOf(pairs: readonly (readonly [number, number])[]): ClassicBuckets {
  const buckets = new ClassicBuckets(pairs.length);
  for (const [bound, count] of pairs) buckets.push(bound, count);
  return buckets;
}

const positive = [
  [0.1, 50],
  [0.2, 70],
  [1, 110],
  [INFINITY, 120],
] as const;
const negative = [
  [-0.2, 10],
  [-0.1, 20],
  [0.3, 20],
  [INFINITY, 30],
] as const;

describe('ClassicBuckets.quantile', () => {
  it.each([
    [positive, 0, 0],
    [positive, 0.2, 0.048],
    [positive, 0.5, 0.15],
    [positive, 1, 1],
    [negative, 0, -0.2],
    [negative, 0.5, -0.15],
    [negative, 1, 0.3],
    [positive, -0.1, -INFINITY],
    [positive, 1.01, INFINITY],
    [positive, Number.NaN, Number.NaN],
    [[[1, 5]], 0.5, Number.NaN],
    [[[INFINITY, 5]], 0.5, Number.NaN],
    [
      [
        [1, 0],
        [INFINITY, 0],
      ],
      0.5,
      Number.NaN,
    ],
    [
      [
        [0.1, 10],
        [0.2, 10],
        [0.2, 10],
        [INFINITY, 40],
      ],
      0.5,
      0.2,
    ],
  ] as const)('of %j at %d', (pairs, q, expected) => {
    const value = bucketsOf(pairs).quantile(q);
    if (Number.isFinite(expected)) expect(value).toBeCloseTo(expected, 12);
    else expect(value).toBe(expected);
  });

  it('raises counts that fall and says which', () => {
    const buckets = bucketsOf([
      [0.1, 2],
      [1, 1],
      [10, 5],
      [100, 4],
      [1000, 9],
      [INFINITY, 8],
    ]);
    expect(buckets.quantile(0.5)).toBeCloseTo(8.5, 12);
    expect(buckets.fix).toEqual({ forced: true, minBound: 1, maxBound: INFINITY, maxDifference: 1 });
  });

  it('irons out rounding in silence', () => {
    const buckets = bucketsOf([
      [1, 0.3],
      [2, 0.3 - 5e-17],
      [INFINITY, 0.3 + 1e-16],
    ]);
    expect(buckets.quantile(0.5)).toBeCloseTo(0.5, 12);
    expect(buckets.fix.forced).toBe(false);
  });

  it('rises with q', () => {
    const q = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 2, maxLength: 8 }), q, q, (increments, a, b) => {
        let count = 0;
        const pairs = increments.map((increment, i) => {
          count += increment;
          return [i === increments.length - 1 ? INFINITY : i, count] as const;
        });
        fc.pre(count > 0);
        const of = (x: number) => bucketsOf(pairs).quantile(x);
        expect(of(Math.min(a, b))).toBeLessThanOrEqual(of(Math.max(a, b)) + 1e-9);
      }),
    );
  });
});

describe('ClassicBuckets.fraction', () => {
  it.each([
    [positive, 0, 0.15, 0.5],
    [positive, 0.2, INFINITY, 50 / 120],
    [positive, 5, 9, 0],
    [positive, 3, 2, 0],
    [
      [
        [-3, 10],
        [-2, 12],
        [-1, 15],
        [INFINITY, 100],
      ],
      -4,
      -2,
      0.02,
    ],
    [
      [
        [-3, 10],
        [-2, 12],
        [-1, 15],
        [INFINITY, 100],
      ],
      -INFINITY,
      -1.5,
      0.135,
    ],
    [positive, Number.NaN, 1, Number.NaN],
    [[[1, 5]], 0, 1, Number.NaN],
  ] as const)('of %j between %d and %d', (pairs, lower, upper, expected) => {
    const value = bucketsOf(pairs).fraction(lower, upper);
    if (Number.isFinite(expected)) expect(value).toBeCloseTo(expected, 12);
    else expect(value).toBe(expected);
  });
});
