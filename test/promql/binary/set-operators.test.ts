import { describe, expect, it } from 'vitest';
import { askRange, type Data } from '../ask.ts';

const DATA: Data = {
  'l{a="1", b="x"}': [1, 2, 'stale'],
  'l{a="2", b="y"}': [3, 4, 5],
  'r{a="1"}': [10, 'stale', 30],
  'r{a="3"}': [40, 50, 60],
};

describe('set operators decide step by step', () => {
  it.each([
    ['l and on (a) r', { 'l{a="1", b="x"}': [1, null, null] }],
    ['l unless on (a) r', { 'l{a="1", b="x"}': [null, 2, null], 'l{a="2", b="y"}': [3, 4, 5] }],
    [
      'l or on (a) r',
      {
        'l{a="1", b="x"}': [1, 2, null],
        'l{a="2", b="y"}': [3, 4, 5],
        'r{a="1"}': [null, null, 30],
        'r{a="3"}': [40, 50, 60],
      },
    ],
    ['l and ignoring (b) r', { 'l{a="1", b="x"}': [1, null, null] }],
    ['l and on () r', { 'l{a="1", b="x"}': [1, 2, null], 'l{a="2", b="y"}': [3, 4, 5] }],
    ['l and nothing', {}],
    ['nothing or r{a="3"}', { 'r{a="3"}': [40, 50, 60] }],
    ['l{a="2"} unless nothing', { 'l{a="2", b="y"}': [3, 4, 5] }],
    [
      '-r or -l',
      {
        '{a="1"}': [-10, null, -30],
        '{a="3"}': [-40, -50, -60],
        '{a="1", b="x"}': [-1, -2, null],
        '{a="2", b="y"}': [-3, -4, -5],
      },
    ],
  ])('%s', async (query, expected) => {
    expect(await askRange(DATA, query, 2)).toEqual(expected);
  });
});
