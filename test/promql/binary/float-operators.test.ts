import { describe, expect, it } from 'vitest';
import { arithmetic, comparison } from '../../../lib/promql/binary/float-operators.ts';

describe('arithmetic as Go computes it', () => {
  it.each([
    ['%', 5.5, 2, 1.5],
    ['%', -5.5, 2, -1.5],
    ['%', 5, 0, Number.NaN],
    ['%', 5, Number.POSITIVE_INFINITY, 5],
    ['%', Number.POSITIVE_INFINITY, 2, Number.NaN],
    ['^', 1, Number.NaN, 1],
    ['^', 1, Number.POSITIVE_INFINITY, 1],
    ['^', -1, Number.NEGATIVE_INFINITY, 1],
    ['^', Number.NaN, 0, 1],
    ['^', -8, 1 / 3, Number.NaN],
    ['/', 1, 0, Number.POSITIVE_INFINITY],
    ['/', 0, 0, Number.NaN],
    ['atan2', 1, -1, (3 * Math.PI) / 4],
  ] as const)('%s of %d and %d', (op, a, b, expected) => {
    expect(arithmetic(op)?.(a, b)).toBe(expected);
  });
});

it('knows which operators compare', () => {
  expect(comparison('+')).toBeUndefined();
  expect(arithmetic('and')).toBeUndefined();
  expect(comparison('!=')?.(Number.NaN, Number.NaN)).toBe(true);
  expect(comparison('==')?.(Number.NaN, Number.NaN)).toBe(false);
});
