import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../../lib/promql/errors.ts';
import { askAt, askRange, askResult, customHistogram, type Data, histogram, MINUTE } from '../ask.ts';

const DATA: Data = {
  'l{a="1", b="x"}': [10, 20],
  'l{a="2", b="x"}': [30, 40],
  'r{a="1", c="y"}': [2, 4],
  'r{a="3", c="y"}': [5, 5],
  'many{a="1", m="p"}': [6, 6],
  'many{a="1", m="q"}': [8, 8],
};

describe('one to one', () => {
  it.each([
    ['l / on (a) r', { '{a="1"}': [5] }],
    ['l - ignoring (b, c) r', { '{a="1"}': [16] }],
    ['l > on (a) r', { '{a="1"}': [20] }],
    ['l > ignoring (b, c) r', { 'l{a="1"}': [20] }],
    ['l > bool on (a) r', { '{a="1"}': [1] }],
    ['l < bool on (a) r', { '{a="1"}': [0] }],
    ['l < on (a) r', {}],
    ['l + r', {}],
    ['l atan2 on (a) r', { '{a="1"}': [Math.atan2(20, 4)] }],
  ])('%s', async (query, expected) => {
    expect(await askAt(DATA, query, 1)).toEqual(expected);
  });

  it('pairs step by step where partners change', async () => {
    const data: Data = {
      'l{a="1"}': [1, 2, 3],
      'r{a="1", v="old"}': [10, 'stale', null],
      'r{a="1", v="new"}': [null, 20, 30],
    };
    expect(await askRange(data, 'l + on (a) r', 2)).toEqual({ '{a="1"}': [11, 22, 33] });
  });

  it('refuses two partners on the right', async () => {
    const group = '{a="1"} on the right hand-side of the operation';
    const pair = '[{__name__="many", a="1", m="p"}, {__name__="many", a="1", m="q"}]';
    const reason = 'many-to-many matching not allowed: matching labels must be unique on one side';
    await expect(askAt(DATA, 'r * on (a) many', 0)).rejects.toThrow(
      new ExecutionError(`found duplicate series for the match group ${group}: ${pair};${reason}`),
    );
    await expect(askAt(DATA, 'many * on (a) group_right l', 0)).rejects.toThrow('on the left hand-side');
  });

  it('asks for group_left where the left side has several', async () => {
    const text = 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';
    await expect(askAt(DATA, 'many * on (a) r', 0)).rejects.toThrow(new ExecutionError(text));
    await expect(askAt(DATA, 'many > on (a) r * 4', 0), 'filtered pairs count').rejects.toThrow(text);
  });

  it('does not look at duplicates without a left side', async () => {
    expect(await askAt(DATA, 'nothing * on (a) many', 0)).toEqual({});
  });
});

describe('many to one', () => {
  it.each([
    ['many * on (a) group_left r', { '{a="1", m="p"}': [12], '{a="1", m="q"}': [16] }],
    ['many * on (a) group_left (c) r', { '{a="1", c="y", m="p"}': [12], '{a="1", c="y", m="q"}': [16] }],
    ['r * on (a) group_right (c) many', { '{a="1", c="y", m="p"}': [12], '{a="1", c="y", m="q"}': [16] }],
    ['r < on (a) group_right many', { 'many{a="1", m="p"}': [2], 'many{a="1", m="q"}': [2] }],
    ['many * on (a) group_left (m) r', undefined],
  ])('%s', async (query, expected) => {
    if (expected !== undefined) expect(await askAt(DATA, query, 0)).toEqual(expected);
    else await expect(askAt(DATA, query, 0)).rejects.toThrow('grouping labels must ensure unique matches');
  });

  it('splits a result where the label carried over changes', async () => {
    const data: Data = { 'm{a="1", i="0"}': [1, 1], 'o{a="1", v="old"}': [2, 'stale'], 'o{a="1", v="new"}': [null, 3] };
    expect(await askRange(data, 'm * on (a) group_left (v) o', 1)).toEqual({
      '{a="1", i="0", v="new"}': [null, 3],
      '{a="1", i="0", v="old"}': [2, null],
    });
  });
});

describe('fill', () => {
  it.each([
    ['l + on (a) fill (0) r', { '{a="1"}': [22], '{a="2"}': [30], '{a="3"}': [5] }],
    ['l + on (a) fill_right (100) r', { '{a="1"}': [12], '{a="2"}': [130] }],
    ['l + on (a) fill_left (100) r', { '{a="1"}': [12], '{a="3"}': [105] }],
    [
      'many * on (a) group_left (c) fill (1) r',
      { '{a="1", c="y", m="p"}': [12], '{a="1", c="y", m="q"}': [16], '{a="3", c="y"}': [5] },
    ],
  ])('%s', async (query, expected) => {
    const minuteZero = query.startsWith('l') ? { ...DATA, 'l{a="1", b="x"}': [query.includes('(0)') ? 20 : 10] } : DATA;
    expect(await askAt(minuteZero, query, 0)).toEqual(expected);
  });
});

describe('histograms', () => {
  const data: Data = {
    'h{i="1"}': [histogram(4, 8)],
    'h{i="2"}': [histogram(1, 2)],
    'f{i="1"}': [2],
    'f{i="2"}': [0.5],
    'c{i="1"}': [customHistogram(3)],
  };

  it.each([
    ['h + h', { '{i="1"}': ['8/16'], '{i="2"}': ['2/4'] }],
    ['h - h * 0.5', { '{i="1"}': ['2/4'], '{i="2"}': ['0.5/1'] }],
    ['h * f', { '{i="1"}': ['8/16'], '{i="2"}': ['0.5/1'] }],
    ['f * h', { '{i="1"}': ['8/16'], '{i="2"}': ['0.5/1'] }],
    ['h / f', { '{i="1"}': ['2/4'], '{i="2"}': ['2/4'] }],
    ['2 * h{i="1"}', { '{i="1"}': ['8/16'] }],
    ['h == h', { 'h{i="1"}': ['4/8'], 'h{i="2"}': ['1/2'] }],
    ['h != bool h', { '{i="1"}': [0], '{i="2"}': [0] }],
    ['-h{i="1"}', { '{i="1"}': ['-4/-8'] }],
    ['h and f{i="1"}', { 'h{i="1"}': ['4/8'] }],
  ])('%s', async (query, expected) => {
    expect(await askAt(data, query, 0)).toEqual(expected);
  });

  it.each([
    ['h + f', 'histogram + float', 'f{i="1"}'],
    ['f + h', 'float + histogram', ''],
    ['h * h', 'histogram * histogram', ''],
    ['h > h', 'histogram > histogram', ''],
    ['h > bool 1', 'histogram > float', ''],
    ['1 / h', 'float / histogram', ''],
    ['f </ f', 'float </ float', ''],
  ])('%s has no value and says so', async (query, types) => {
    const { data: result, infos } = await askResult(data, query, 0);
    expect(result).toMatchObject({ samples: [] });
    const op = types.split(' ')[1];
    const text = `incompatible sample types encountered for binary operator "${op}": ${types}`;
    expect(infos).toEqual([`PromQL info: ${text} (1:1)`]);
  });

  it('warns of buckets that do not go together', async () => {
    const { data: result, warnings } = await askResult(data, 'h + c', 0);
    expect(result).toMatchObject({ samples: [] });
    expect(warnings).toEqual(['PromQL warning: incompatible bucket layout encountered for binary operator + (1:1)']);
  });

  it('trims', async () => {
    expect(await askAt(data, 'histogram_count(h >/ 100)', 0)).toEqual({ '{i="1"}': [0], '{i="2"}': [0] });
    expect(await askAt(data, 'histogram_count(h </ 100)', 0)).toEqual({ '{i="1"}': [4], '{i="2"}': [1] });
  });
});

it('reports duplicates only at the steps that have them', async () => {
  const data: Data = { 'l{a="1"}': [1, 1, null], 'r{a="1", c="1"}': [1, 'stale'], 'r{a="1", c="2"}': [null, 1, 1] };
  const query = 'l + on (a) r';
  expect(await askRange(data, query, 2, { lookbackDelta: MINUTE })).toEqual({ '{a="1"}': [2, 2, null] });
});
