import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, matrix, onlyCells } from './call-function.ts';

const NAN = Number.NaN;
const seconds = (...values: (number | ReturnType<typeof histogramOf>)[]) =>
  matrix(
    values.map((value, i) => [i + 1, value] as const),
    60,
    [60],
  );

describe('extremes', () => {
  it.each([
    ['min_over_time', [2, 0, NAN], 0],
    ['min_over_time', [NAN, 0, 1], 0],
    ['max_over_time', [2, NAN, 1], 2],
    ['max_over_time', [NAN, NAN], NAN],
    ['max_over_time', [Number.NEGATIVE_INFINITY], Number.NEGATIVE_INFINITY],
    ['ts_of_max_over_time', [1, 6, 2, 6, 0], 4],
    ['ts_of_min_over_time', [1, 0, 5, 0], 4],
    ['ts_of_min_over_time', [NAN, NAN], 2],
  ])('%s of %j', (name, values, expected) => {
    expect(onlyCells(callFunction(name, [seconds(...values)]))).toEqual([expected]);
  });

  it('forget what has left the window', () => {
    const window = matrix(
      [
        [1, 9],
        [2, 5],
        [3, 1],
        [4, 3],
      ],
      2,
      [1, 2, 3, 4, 5, 6],
    );
    expect(onlyCells(callFunction('max_over_time', [window]))).toEqual([9, 9, 5, 3, 3, undefined]);
  });

  it('leave histograms out and say so where floats are', () => {
    expect(callFunction('max_over_time', [seconds(histogramOf(), 1)]).infos).toHaveLength(1);
    expect(callFunction('max_over_time', [seconds(histogramOf())])).toMatchObject({ cells: {}, infos: [] });
  });
});
