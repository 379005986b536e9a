import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../lib/promql/duration.ts';

it.each([
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['1y2w3d4h5m6s7ms', 31_536_000_000 + 1_209_600_000 + 259_200_000 + 14_400_000 + 300_000 + 6000 + 7],
  ['0s', 0],
  ['0', 0],
  ['', undefined],
  ['1', undefined],
  ['m', undefined],
  ['1m1h', undefined],
  ['-1m', undefined],
  ['1.5h', undefined],
  ['300y', undefined],
])('parses %j', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

it.each([
  [0, '0s'],
  [90_000, '1m30s'],
  [7 * 86_400_000, '1w'],
  [8 * 86_400_000, '8d'],
  [365 * 86_400_000, '1y'],
  [1, '1ms'],
])('prints %d', (milliseconds, expected) => {
  expect(formatDuration(milliseconds)).toBe(expected);
});

it('reads back what it prints', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 * 365 * 86_400_000 }), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
    }),
  );
});
