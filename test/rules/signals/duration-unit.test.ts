import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { compileMapping } from '../../../lib/plan/mapping.ts';
import { mappingExpr } from '../../../lib/plan/mapping-expr.ts';
import { parseExpr } from '../../../lib/promql/parse.ts';
import {
  boundsInSeconds,
  DURATION_UNITS,
  type DurationUnit,
  unitInName,
} from '../../../lib/rules/signals/duration-unit.ts';

const DECIMALS = { seconds: 0, milliseconds: 3, microseconds: 6, nanoseconds: 9 };

describe('boundsInSeconds', () => {
  it.each([
    ['5', '0.005'],
    ['2.5', '0.0025'],
    ['2500', '2.5'],
    ['2500.0', '2.5'],
    ['1000', '1'],
    ['0', '0'],
    ['0.25', '0.00025'],
    ['10', '0.01'],
    ['1e+06', '0.001e+06'],
    ['2.5e+06', '0.0025e+06'],
    ['1.0E7', '0.001E7'],
    ['5e-05', '0.005e-05'],
    ['+Inf', '+Inf'],
    ['Inf', 'Inf'],
    ['', ''],
  ])('%s milliseconds are %s', (milliseconds, seconds) => {
    expect(convert('milliseconds', milliseconds)).toBe(seconds);
  });

  it('moves the point of every number, whoever wrote it, and loses no digit', () => {
    const digits = fc.stringMatching(/^[0-9]{1,16}$/);
    const exponent = fc.constantFrom('', 'e+06', 'e-05', 'E7', 'e12');
    fc.assert(
      fc.property(
        fc.constantFrom(...DURATION_UNITS),
        digits,
        fc.option(digits),
        exponent,
        (unit, whole, part, power) => {
          const converted = convert(unit, `${whole}${part === null ? '' : `.${part}`}${power}`);
          expect(scaledDigits(converted)).toEqual(
            scaledDigits(`${whole}${part === null ? '' : `.${part}`}${power}`, DECIMALS[unit]),
          );
          if (unit !== 'seconds') expect(converted).not.toMatch(/\.[0-9]*0(e|E|$)|^0[0-9]/);
        },
      ),
    );
  });

  it('gives the number that a division gives', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (bound) => {
        const seconds = Number(convert('milliseconds', String(bound)));
        // The division rounds once more than the text, which is exact.
        expect(Math.abs(seconds - bound / 1000)).toBeLessThanOrEqual(Number.EPSILON * seconds);
      }),
    );
  });
});

describe('unitInName', () => {
  it.each([
    ['http_server_duration_milliseconds', 'milliseconds'],
    ['response_latency_ms', 'milliseconds'],
    ['x_seconds_total', 'seconds'],
    ['op_latencies_usec', 'microseconds'],
    ['items_total', undefined],
    ['seconds_per_item', 'seconds'],
    ['forms_total', undefined],
  ])('%s', (name, unit) => expect(unitInName(name)).toBe(unit));
});

function convert(unit: DurationUnit, le: string): string {
  const mapped = mappingExpr(parseExpr(boundsInSeconds('x_bucket', unit)));
  if (mapped === undefined) throw new Error('not a mapping rule');
  const rule = { record: 'y', expr: '', ...mapped, labels: {}, origin: { pack: '', file: '', line: 0, group: '' } };
  return compileMapping(rule)
    .mapLabels(Labels.from({ __name__: 'x_bucket', le }), 'x_bucket')
    .get('le');
}

/** A decimal as its digits without zeros around them, and the power of ten of the last. */
function scaledDigits(text: string, shift = 0): { digits: string; power: number } {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', part = ''] = mantissa.split('.');
  const digits = `${whole}${part}`.replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '') return { digits: '', power: 0 };
  return { digits: trimmed, power: Number(exponent) - part.length - shift + digits.length - trimmed.length };
}
