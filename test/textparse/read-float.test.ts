import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFloatFault, readFloat } from '../../lib/textparse/read-float.ts';

describe('readFloat', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['+7', 7],
    ['.5', 0.5],
    ['5.', 5],
    ['-.25e1', -2.5],
    ['1e+06', 1e6],
    ['1E-7', 1e-7],
    ['00012.50', 12.5],
    ['9007199254740993', 2 ** 53],
    ['24.400000000000002', 24.400000000000002],
    ['1.7976931348623157e+308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
    ['1e-400', 0],
    ['0e99999', 0],
    ['1e22', 1e22],
    ['1e23', 1e23],
    ['123456789012345e22', 123456789012345e22],
    ['0.000000000000000000000000000001', 1e-30],
    ['NaN', Number.NaN],
    ['nan', Number.NaN],
    ['Inf', Infinity],
    ['+inf', Infinity],
    ['-INF', -Infinity],
    ['Infinity', Infinity],
    ['-infinity', -Infinity],
  ])('reads %s', (text, value) => {
    expect(read(text)).toBe(value);
  });

  it.each([
    '',
    '+',
    '-',
    '.',
    '-.',
    'e5',
    '1e',
    '1e+',
    '1e5.0',
    '1.2.3',
    '1_000',
    '0x10',
    '0x1p-3',
    '1p3',
    ' 1',
    '1 ',
    '1f',
    '+NaN',
    '-nan',
    'in',
    'infi',
    'infinit',
    'Infinityy',
    'true',
    '١',
    '--1',
    '1-',
    '1e400',
    '-1e309',
  ])('refuses %j', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('tells a number that is too large from what is no number', () => {
    expect(describeFloatFault('1e400')).toMatch(/out of the range/);
    expect(describeFloatFault('0x1p-3')).toMatch(/expected a float/);
  });

  it('reads any double that JavaScript writes as the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const text = Object.is(value, -0) ? '-0' : String(value);
        expect(read(text)).toBe(value);
        if (Number.isFinite(value) && value !== 0) expect(read(value.toExponential())).toBe(value);
      }),
      { numRuns: 5000 },
    );
  });

  it('reads any decimal as Number does', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 24 });
    const exponent = fc.option(fc.integer({ min: -340, max: 320 }), { nil: undefined });
    fc.assert(
      fc.property(fc.constantFrom('', '-', '+'), digits, digits, exponent, (sign, whole, fraction, power) => {
        fc.pre(whole + fraction !== '');
        const text = `${sign}${whole}.${fraction}${power === undefined ? '' : `e${power}`}`;
        const expected = Number(text);
        expect(read(text)).toBe(Number.isFinite(expected) ? expected : undefined);
      }),
      { numRuns: 5000 },
    );
  });

  it('reads within its range only', () => {
    expect(readFloat(Buffer.from('x12.5y'), 1, 5)).toBe(12.5);
    expect(readFloat(Buffer.from('123'), 1, 2)).toBe(2);
  });
});

function read(text: string): number | undefined {
  const bytes = Buffer.from(text);
  return readFloat(bytes, 0, bytes.length);
}
