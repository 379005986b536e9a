import { expect, it } from 'vitest';
import { parseBound } from '../../../lib/promql/functions/parse-bound.ts';

it.each([
  ['0.1', 0.1],
  ['.2', 0.2],
  ['-.25', -0.25],
  ['1e0', 1],
  ['2.0e-1', 0.2],
  ['5.', 5],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['inf', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
  ['0x1p-2', 0.25],
  ['-0x1.8p1', -3],
  ['', undefined],
  ['.', undefined],
  ['Hello World', undefined],
  [' 1', undefined],
  ['1_000', undefined],
  ['0x10', undefined],
  ['1e400', undefined],
])('%j', (text, expected) => {
  expect(parseBound(text)).toBe(expected);
});
