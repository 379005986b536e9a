import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../../lib/promql/errors.ts';
import { askAt, askRange, askResult, customHistogram, type Data, EXPERIMENTAL, histogram } from '../ask.ts';

const DATA: Data = {
  'x{a="1", b="p"}': [1, 2],
  'x{a="1", b="q"}': [3, null],
  'x{a="2", b="p"}': [Number.NaN, 10],
  'x{a="2", b="q"}': [7, 20],
};

describe('groups', () => {
  it.each([
    ['sum by (a) (x)', { '{a="1"}': [5], '{a="2"}': [30] }],
    ['sum without (b) (x)', { '{a="1"}': [5], '{a="2"}': [30] }],
    ['sum by () (x)', { '{}': [35] }],
    ['sum(x)', { '{}': [35] }],
    ['sum by (nothing) (x)', { '{}': [35] }],
    ['sum without () (x{b="q"})', { '{a="1", b="q"}': [3], '{a="2", b="q"}': [20] }],
    ['sum by (__name__, a) (x)', { 'x{a="1"}': [5], 'x{a="2"}': [30] }],
    ['sum(nothing)', {}],
  ])('%s', async (query, expected) => {
    expect(await askAt(DATA, query, 1)).toEqual(expected);
  });
});

describe('operators', () => {
  it.each([
    ['avg by (b) (x{a="1"})', { '{b="p"}': [2], '{b="q"}': [3] }],
    ['min(x)', { '{}': [2] }],
    ['max(x)', { '{}': [20] }],
    ['count(x)', { '{}': [4] }],
    ['group(x)', { '{}': [1] }],
    ['stdvar(x{a="2"})', { '{}': [25] }],
    ['stddev(x{a="2"})', { '{}': [5] }],
    ['quantile(0.5, x)', { '{}': [6.5] }],
    ['quantile(2, x)', { '{}': [Number.POSITIVE_INFINITY] }],
    ['count_values("v", x > bool 5)', { '{v="0"}': [2], '{v="1"}': [2] }],
    ['count_values by (a) ("a", x{a="1"})', { '{a="2"}': [1], '{a="3"}': [1] }],
    ['topk(2, x)', { 'x{a="2", b="q"}': [20], 'x{a="2", b="p"}': [10] }],
    ['bottomk by (a) (1, x)', { 'x{a="1", b="p"}': [2], 'x{a="2", b="p"}': [10] }],
    ['topk(0, x)', {}],
    ['count(limitk(3, x))', { '{}': [3] }],
    ['count(limit_ratio(1, x))', { '{}': [4] }],
  ])('%s', async (query, expected) => {
    expect(await askAt(DATA, query, 1)).toEqual(expected);
  });

  it('let NaN give way in min, max and topk', async () => {
    expect(await askAt(DATA, 'min(x)', 0)).toEqual({ '{}': [1] });
    expect(await askAt(DATA, 'max(x{a="2"})', 0)).toEqual({ '{}': [7] });
    expect(Object.keys(await askAt(DATA, 'topk(4, x)', 0)).at(-1)).toBe('x{a="2", b="p"}');
    expect(Object.keys(await askAt(DATA, 'bottomk(4, x)', 0)).at(-1)).toBe('x{a="2", b="p"}');
  });

  it('take a parameter that changes with time', async () => {
    const data: Data = { ...DATA, k: [1, 2] };
    expect(await askRange(data, 'count(topk(scalar(k), x))', 1)).toEqual({ '{}': [1, 2] });
  });

  it('compensate what floats lose', async () => {
    const data: Data = { 'x{i="1"}': [1], 'x{i="2"}': [1e100], 'x{i="3"}': [1], 'x{i="4"}': [-1e100] };
    expect(await askAt(data, 'sum(x)', 0)).toEqual({ '{}': [2] });
    expect(await askAt(data, 'avg(x)', 0)).toEqual({ '{}': [0.5] });
  });

  it('do not overflow in a mean', async () => {
    const data: Data = { 'x{i="1"}': [1.5e308], 'x{i="2"}': [1.5e308], 'x{i="3"}': [-1.5e308] };
    expect(await askAt(data, 'sum(x{i!="3"})', 0)).toEqual({ '{}': [Number.POSITIVE_INFINITY] });
    expect(await askAt(data, 'avg(x{i!="3"})', 0)).toEqual({ '{}': [1.5e308] });
    const [mean] = Object.values(await askAt(data, 'avg(x)', 0)).flat();
    expect(mean).toBeCloseTo(0.5e308, -300);
  });
});

describe('topk', () => {
  it('picks a few of many as it sorts all', async () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Number.NaN));
    const operator = fc.constantFrom('topk', 'bottomk');
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 66, maxLength: 90 }), operator, async (values, op) => {
        const data: Data = Object.fromEntries(values.map((cell, i) => [`x{i="${i}"}`, [cell]]));
        const all = Object.entries(await askAt(data, `${op}(100, x)`, 0));
        expect(all).toHaveLength(values.length);
        expect(Object.entries(await askAt(data, `${op}(7, x)`, 0))).toEqual(all.slice(0, 7));
      }),
      { numRuns: 30 },
    );
  });
});

describe('limit_ratio', () => {
  const data: Data = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x{i="${i}"}`, [i]]));

  it('keeps about the share asked for, and its complement the rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.01, max: 0.99, noNaN: true }), async (ratio) => {
        const kept = Object.keys(await askAt(data, `limit_ratio(${ratio.toFixed(6)}, x)`, 0));
        const rest = Object.keys(await askAt(data, `limit_ratio(-(1 - ${ratio.toFixed(6)}), x)`, 0));
        expect(new Set([...kept, ...rest]).size).toBe(200);
        expect(kept.length + rest.length).toBe(200);
        expect(Math.abs(kept.length / 200 - ratio)).toBeLessThan(0.15);
      }),
      { numRuns: 30 },
    );
  });
});

describe('histograms', () => {
  const data: Data = {
    'h{i="1"}': [histogram(2, 4)],
    'h{i="2"}': [histogram(4, 6)],
    'f{i="1"}': [1],
    'c{i="1"}': [customHistogram(1)],
  };

  it.each([
    ['sum(h)', { '{}': ['6/10'] }],
    ['avg(h)', { '{}': ['3/5'] }],
    ['count({i=~".+"})', { '{}': [4] }],
    ['count(limitk(1, h))', { '{}': [1] }],
    ['max({__name__=~"h|f"})', { '{}': [1] }],
    ['topk(5, {__name__=~"h|f"})', { 'f{i="1"}': [1] }],
  ])('%s', async (query, expected) => {
    expect(await askAt(data, query, 0)).toEqual(expected);
  });

  it.each(['min', 'max', 'stddev', 'stdvar', 'quantile', 'topk', 'bottomk'])('%s passes over them', async (op) => {
    const param = ['quantile', 'topk', 'bottomk'].includes(op) ? '1, ' : '';
    const { data: result, infos } = await askResult(data, `${op}(${param}h)`, 0);
    expect(result).toMatchObject({ samples: [] });
    expect(infos).toEqual([`PromQL info: ignored histogram in ${op} aggregation (1:${op.length + param.length + 2})`]);
  });

  it('do not mix with floats or other buckets in a sum', async () => {
    const mixed = await askResult(data, 'sum({__name__=~"h|f"})', 0);
    expect(mixed.data).toMatchObject({ samples: [] });
    expect(mixed.warnings).toEqual([
      'PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)',
    ]);
    const buckets = await askResult(data, 'avg({__name__=~"c|h"})', 0);
    expect(buckets.data).toMatchObject({ samples: [] });
    expect(buckets.warnings[0]).toMatch(/mix of histograms with exponential and custom buckets schemas/);
  });
});

describe('parameters out of bounds', () => {
  it.each([
    ['topk(NaN, x)', 'Parameter value is NaN'],
    ['limitk(NaN, nothing)', 'Parameter value is NaN'],
    ['limit_ratio(NaN, x)', 'Ratio value is NaN'],
    ['bottomk(1e20, x)', 'Scalar value 1e+20 overflows int64'],
    ['topk(-1e20, x)', 'Scalar value -1e+20 underflows int64'],
    ['count_values("", x)', 'invalid label name ""'],
  ])('%s', async (query, text) => {
    await expect(askAt(DATA, query, 0)).rejects.toThrow(new ExecutionError(text));
  });

  it.each([
    ['quantile(1.5, x)', 'quantile value should be between 0 and 1, got 1.5 (1:10)'],
    ['quantile(-Inf, x)', 'quantile value should be between 0 and 1, got -Inf (1:10)'],
    ['quantile(NaN, x)', 'quantile value should be between 0 and 1, got NaN (1:10)'],
    ['limit_ratio(1.5, x)', 'ratio value should be between -1 and 1, got 1.5, capping to 1 (1:13)'],
  ])('%s warns', async (query, text) => {
    const { warnings } = await askResult(DATA, query, 0, { features: EXPERIMENTAL });
    expect(warnings).toEqual([`PromQL warning: ${text}`]);
  });
});
