import { describe, expect, it } from 'vitest';
import { customBound, exponentialBound } from '../../../lib/promql/histogram/bounds.ts';

describe('exponentialBound', () => {
  it.each([
    [0, 0, 1],
    [1, 0, 2],
    [-1, 0, 0.5],
    [3, 1, 2.82842712474619],
    [3, 2, 1.6817928305074288],
    [-3, 2, 0.5946035575013605],
    [1, -1, 4],
    [-2, -2, 2 ** -8],
    [1024, 0, Number.MAX_VALUE],
    [1025, 0, Number.POSITIVE_INFINITY],
    [512, -1, Number.MAX_VALUE],
    [-1074, 0, Number.MIN_VALUE],
    [8192, 3, Number.MAX_VALUE],
  ])('of bucket %d in schema %d', (index, schema, expected) => {
    expect(exponentialBound(index, schema)).toBe(expected);
  });

  it('is the same in every schema that has it', () => {
    for (let index = -40; index < 40; index++) {
      for (let schema = 0; schema < 8; schema++) {
        expect(exponentialBound(index, schema)).toBe(exponentialBound(index * 2, schema + 1));
      }
    }
  });

  it('rises from bucket to bucket by the same factor', () => {
    for (let index = -600; index < 600; index++) {
      const factor = exponentialBound(index + 1, 8) / exponentialBound(index, 8);
      expect(factor).toBeCloseTo(2 ** (1 / 256), 13);
    }
  });
});

describe('customBound', () => {
  it('is open at both ends', () => {
    expect([-1, 0, 1, 2].map((index) => customBound(index, [5, 10]))).toEqual([
      Number.NEGATIVE_INFINITY,
      5,
      10,
      Number.POSITIVE_INFINITY,
    ]);
  });
});
