import { expect, it } from 'vitest';
import { askRange, type Data } from '../ask.ts';

const DATA: Data = { 'x{a="1"}': [1, 5, null], 'x{a="2"}': [3, Number.NaN, 9] };

it.each([
  ['x * 2', { '{a="1"}': [2, 10, 10], '{a="2"}': [6, Number.NaN, 18] }],
  ['10 - x', { '{a="1"}': [9, 5, 5], '{a="2"}': [7, Number.NaN, 1] }],
  ['x > 2', { 'x{a="1"}': [null, 5, 5], 'x{a="2"}': [3, null, 9] }],
  ['2 < x', { 'x{a="1"}': [null, 5, 5], 'x{a="2"}': [3, null, 9] }],
  ['2 < bool x', { '{a="1"}': [0, 1, 1], '{a="2"}': [1, 0, 1] }],
  ['x % 2', { '{a="1"}': [1, 1, 1], '{a="2"}': [1, Number.NaN, 1] }],
  ['2 ^ x{a="1"}', { '{a="1"}': [2, 32, 32] }],
  ['x{a="1"} + time() / 60', { '{a="1"}': [1, 6, 7] }],
  ['1 > bool 2', { '{}': [0, 0, 0] }],
  ['vector(time() % 7)', { '{}': [0, 4, 1] }],
])('%s', async (query, expected) => {
  expect(await askRange(DATA, query, 2)).toEqual(expected);
});
