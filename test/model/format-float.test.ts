import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFloat, formatFloatGeneral } from '../../lib/model/format-float.ts';

const EXAMPLES: readonly [value: number, api: string, exposition: string][] = [
  [0, '0', '0'],
  [-0, '-0', '-0'],
  [1, '1', '1'],
  [-1.5, '-1.5', '-1.5'],
  [0.1, '0.1', '0.1'],
  [1e-4, '0.0001', '0.0001'],
  [0.00009, '0.00009', '9e-05'],
  [1e-6, '0.000001', '1e-06'],
  [9.99e-7, '9.99e-07', '9.99e-07'],
  [1e-7, '1e-07', '1e-07'],
  [1.5e-10, '1.5e-10', '1.5e-10'],
  [5e-324, '5e-324', '5e-324'],
  [999999, '999999', '999999'],
  [1e6, '1000000', '1e+06'],
  [1234567, '1234567', '1.234567e+06'],
  [1795347825, '1795347825', '1.795347825e+09'],
  [123456789012345680000, '123456789012345680000', '1.2345678901234568e+20'],
  [1e21, '1e+21', '1e+21'],
  [-1e21, '-1e+21', '-1e+21'],
  [1e100, '1e+100', '1e+100'],
  [Number.MAX_VALUE, '1.7976931348623157e+308', '1.7976931348623157e+308'],
  [Number.NaN, 'NaN', 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf', '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf', '-Inf'],
];

describe('formatFloat', () => {
  it.each(EXAMPLES)('%d is %s in the HTTP API', (value, api) => {
    expect(formatFloat(value)).toBe(api);
  });

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(anyFinite(), (value) => {
        expect(Number(formatFloat(value))).toBe(value);
      }),
    );
  });

  it('has an exponent exactly outside [1e-6, 1e21), of two digits or more, and never more digits than needed', () => {
    fc.assert(
      fc.property(anyFinite(), (value) => {
        const text = formatFloat(value);
        const magnitude = Math.abs(value);
        expect(text.includes('e')).toBe(value !== 0 && (magnitude < 1e-6 || magnitude >= 1e21));
        if (text.includes('e')) expect(text).toMatch(/e[+-]\d{2,3}$/);
        expect(digitsOf(text)).toBe(digitsOf(value.toExponential()));
      }),
    );
  });
});

describe('formatFloatGeneral', () => {
  it.each(EXAMPLES)('%d is, as %s in the API, %s in the exposition format', (value, _, exposition) => {
    expect(formatFloatGeneral(value)).toBe(exposition);
  });

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(anyFinite(), (value) => {
        expect(Number(formatFloatGeneral(value))).toBe(value);
      }),
    );
  });

  it('has an exponent exactly outside [1e-4, 1e6), and never more digits than needed', () => {
    fc.assert(
      fc.property(anyFinite(), (value) => {
        const text = formatFloatGeneral(value);
        const magnitude = Math.abs(value);
        expect(text.includes('e')).toBe(value !== 0 && (magnitude < 1e-4 || magnitude >= 1e6));
        expect(digitsOf(text)).toBe(digitsOf(value.toExponential()));
      }),
    );
  });
});

/** All bit patterns alike, and numbers as they occur. */
function anyFinite(): fc.Arbitrary<number> {
  const finite = { noNaN: true, noDefaultInfinity: true } as const;
  return fc.oneof(fc.double(finite), fc.double({ ...finite, min: -1e7, max: 1e7 }), fc.integer());
}

/** Significant digits, without sign, point, exponent and zeros at either end. */
function digitsOf(text: string): string {
  const digits = (text.split('e')[0] ?? '').replace(/[-.]/g, '');
  return digits.replace(/^0+/, '').replace(/0+$/, '');
}
