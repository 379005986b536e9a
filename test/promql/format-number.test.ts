import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDecimal } from '../../lib/promql/format-number.ts';

it.each([
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [-0, '-0'],
  [0.1, '0.1'],
  [1e-7, '0.0000001'],
  [1.25e-10, '0.000000000125'],
  [1e21, '1000000000000000000000'],
  [-1.5e22, '-15000000000000000000000'],
  [5e-324, `0.${'0'.repeat(323)}5`],
])('%d', (value, expected) => {
  expect(formatDecimal(value)).toBe(expected);
});

it('has no exponent and reads back the same', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = formatDecimal(value);
      expect(text).toMatch(/^-?\d+(\.\d+)?$/);
      expect(Number(text)).toBe(value);
    }),
  );
});
