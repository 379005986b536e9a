import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, matrix, onlyCells } from './call-function.ts';

const INFINITY = Number.POSITIVE_INFINITY;
const seconds = (...values: (number | ReturnType<typeof histogramOf>)[]) =>
  matrix(
    values.map((value, i) => [i + 1, value] as const),
    60,
    [60],
  );

describe('sum_over_time', () => {
  it.each([
    ['small values beside large ones', [1, 1e100, 1, -1e100], 2],
    ['an infinity', [1, INFINITY], INFINITY],
    ['both infinities', [INFINITY, -INFINITY], Number.NaN],
    ['an overflow', [Number.MAX_VALUE, Number.MAX_VALUE], INFINITY],
  ])('of %s', (_, values, expected) => {
    expect(onlyCells(callFunction('sum_over_time', [seconds(...values)]))).toEqual([expected]);
  });
});

describe('avg_over_time', () => {
  it.each([
    ['values whose sum overflows', [9.988465674311579e307, 9.988465674311579e307], 9.988465674311579e307],
    ['values that cancel out', [-9.988465674311579e307, 9.988465674311579e307], 0],
    ['an infinity', [1, INFINITY, 3], INFINITY],
    ['both infinities', [1, INFINITY, -INFINITY], Number.NaN],
    ['equal values, exactly', new Array(13).fill(52), 52],
  ])('of %s', (_, values, expected) => {
    expect(onlyCells(callFunction('avg_over_time', [seconds(...values)]))).toEqual([expected]);
  });
});

describe('totals of histograms', () => {
  it('give nothing and a warning where floats stand between', () => {
    const answer = callFunction('sum_over_time', [seconds(1, histogramOf({ buckets: [1] }))]);
    expect([answer.cells, answer.warnings.length]).toEqual([{}, 1]);
  });

  it('tell of conflicting hints and reconciled bounds', () => {
    const custom = (hint: 'yes' | 'no', bounds: number[]) => histogramOf({ hint, bounds, buckets: [1] });
    const answer = callFunction('avg_over_time', [seconds(custom('yes', [1, 2]), custom('no', [1]))]);
    expect(answer.warnings).toEqual(['PromQL warning: conflicting counter resets during histogram aggregation (1:1)']);
    expect(answer.infos).toEqual(['PromQL info: mismatched custom buckets were reconciled during aggregation (1:1)']);
  });

  it('give nothing and a warning where buckets cannot be put together', () => {
    const answer = callFunction('sum_over_time', [
      seconds(histogramOf({ buckets: [1] }), histogramOf({ bounds: [1], buckets: [1] })),
    ]);
    expect(answer.cells).toEqual({});
    expect(answer.warnings[0]).toMatch(/mix of histograms with exponential and custom buckets/);
  });
});
