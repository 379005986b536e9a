import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFloat, formatFloatTo, formatOpenMetricsFloat } from '../../../lib/promql/histogram/format-float.ts';

describe('formatFloat', () => {
  it.each([
    [0, '0'],
    [0.1, '0.1'],
    [-1.5, '-1.5'],
    [100000, '100000'],
    [1000000, '1e+06'],
    [123456789, '1.23456789e+08'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e100, '1e+100'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('writes %d', (value, expected) => {
    expect(formatFloat(value)).toBe(expected);
  });

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(formatFloat(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe('formatFloatTo', () => {
  it.each([
    [10, '10'],
    [1, '1'],
    [0.12345, '0.12'],
    [123, '1.2e+02'],
    [0.00001234, '1.2e-05'],
  ])('writes two digits of %d', (value, expected) => {
    expect(formatFloatTo(value, 2)).toBe(expected);
  });
});

describe('formatOpenMetricsFloat', () => {
  it.each([
    [0, '0.0'],
    [1, '1.0'],
    [0.5, '0.5'],
    [-0.1, '-0.1'],
    [1e6, '1e+06'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ])('writes %d', (value, expected) => {
    expect(formatOpenMetricsFloat(value)).toBe(expected);
  });
});
