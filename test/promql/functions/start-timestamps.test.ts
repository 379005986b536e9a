import { expect, it } from 'vitest';
import { isStartReset, startOverlaps } from '../../../lib/promql/functions/start-timestamps.ts';

it.each([
  ['an unset start', 10, 100, 0, 200, false],
  ['a start at its own sample', 10, 100, 200, 200, false],
  ['a start before the previous sample', 10, 100, 50, 200, false],
  ['a start between the samples', 10, 100, 150, 200, true],
  ['a delta: the start is the previous sample', 10, 100, 100, 200, true],
  ['a cumulative series of unknown start', 0, 100, 100, 200, false],
  ['one whose previous start was its own time', 100, 100, 100, 200, false],
  ['one whose previous start was in the future', 150, 100, 100, 200, false],
])('isStartReset: %s', (_, previousStart, previousTime, start, time, expected) => {
  expect(isStartReset(previousStart, previousTime, start, time)).toBe(expected);
});

it.each([
  [10, 100, 0, false],
  [10, 100, 10, false],
  [10, 100, 100, false],
  [10, 100, 50, true],
])('startOverlaps(%d, %d, %d)', (previousStart, previousTime, start, expected) => {
  expect(startOverlaps(previousStart, previousTime, start)).toBe(expected);
});
