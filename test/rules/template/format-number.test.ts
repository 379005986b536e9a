import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatExponent, formatFixed, formatGeneral } from '../../../lib/rules/template/format-number.ts';

describe('numbers as Go formats them', () => {
  it.each([
    [12345, '1.234e+04'],
    [12355, '1.236e+04'],
    [1000, '1000'],
    [999.95, '1000'],
    [9999.5, '1e+04'],
    [0.00012, '0.00012'],
    [0.000012, '1.2e-05'],
    [1.5, '1.5'],
    [-2.5, '-2.5'],
    [0, '0'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ])('%%.4g of %d is %s', (value, text) => {
    expect(formatGeneral(value, 4)).toBe(text);
  });

  it.each([
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [2.5, 0, '2'],
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [99.995, 2, '100.00'],
    [9.99, 1, '10.0'],
    [0.04, 1, '0.0'],
    [0.06, 1, '0.1'],
    [-1.005, 2, '-1.00'],
    [1e22, 1, '10000000000000000000000.0'],
    [0.001, 0, '0'],
  ])('%%f of %d with %i digits is %s', (value, precision, text) => {
    expect(formatFixed(value, precision)).toBe(text);
  });

  it('ties go to even, everything else as JavaScript rounds', () => {
    const double = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(double, fc.integer({ min: 0, max: 8 }), (value, precision) => {
        const [ours, theirs] = [formatFixed(value, precision), value.toFixed(precision)];
        const unit = 10 ** -precision;
        expect(Math.abs(Number(ours) - value)).toBeLessThanOrEqual(unit / 2 + Math.abs(value) * 1e-15);
        if (Math.abs(Math.abs(value / unit - Math.trunc(value / unit)) - 0.5) > 1e-6) {
          expect(Number(ours) + 0).toBe(Number(theirs) + 0);
        }
        expect(Number(formatExponent(value, 17)) + 0).toBe(value + 0);
      }),
    );
  });
});
