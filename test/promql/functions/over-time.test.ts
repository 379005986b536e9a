import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, matrix, onlyCells } from './call-function.ts';

const histogram = histogramOf({ buckets: [1] });
const mixed = matrix(
  [
    [10.053, 1],
    [20, histogram],
    [30, Number.NaN],
    [40.5, histogram],
  ],
  60,
  [15, 25, 35, 45],
);

describe('ends of windows', () => {
  it('are samples of either kind', () => {
    expect(onlyCells(callFunction('last_over_time', [mixed]))).toEqual([1, histogram, Number.NaN, histogram]);
    expect(onlyCells(callFunction('first_over_time', [{ ...mixed, range: 20_000 }]))).toEqual([
      1,
      1,
      histogram,
      Number.NaN,
    ]);
  });

  it('have times', () => {
    expect(onlyCells(callFunction('ts_of_last_over_time', [mixed]))).toEqual([10.053, 20, 30, 40.5]);
    expect(onlyCells(callFunction('ts_of_first_over_time', [mixed]))).toEqual([10.053, 10.053, 10.053, 10.053]);
  });

  it('keep their name', () => {
    expect(Object.keys(callFunction('last_over_time', [mixed]).cells)).toEqual(['metric_total{a="b"}']);
    expect(Object.keys(callFunction('count_over_time', [mixed]).cells)).toEqual(['{a="b"}']);
  });
});

describe('count_over_time and present_over_time', () => {
  it('count floats and histograms alike', () => {
    expect(onlyCells(callFunction('count_over_time', [mixed]))).toEqual([1, 2, 3, 4]);
    expect(onlyCells(callFunction('present_over_time', [{ ...mixed, range: 8_000 }]))).toEqual([1, 1, 1, 1]);
  });
});
