import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, matrix, onlyCells } from './call-function.ts';

const minutes = (...values: (number | ReturnType<typeof histogramOf>)[]) =>
  values.map((value, i) => [60 * i, value] as const);

describe('changes and resets', () => {
  it('count what happened between samples', () => {
    const window = matrix(minutes(1, 2, 3, 0, 1, 0, 0, 1, 2, 0), 600, [540]);
    expect(onlyCells(callFunction('changes', [window]))).toEqual([8]);
    expect(onlyCells(callFunction('resets', [window]))).toEqual([3]);
  });

  it('take NaN after NaN for no change', () => {
    expect(onlyCells(callFunction('changes', [matrix(minutes(Number.NaN, Number.NaN, 1), 600, [120])]))).toEqual([1]);
  });

  it('count a float next to a histogram', () => {
    const window = matrix(minutes(1, histogramOf({ buckets: [1] }), histogramOf({ buckets: [1] }), 2), 600, [180]);
    expect(onlyCells(callFunction('changes', [window]))).toEqual([2]);
    expect(onlyCells(callFunction('resets', [window]))).toEqual([2]);
  });

  it('begin at the sample before the range where anchored', () => {
    const values = minutes(2, 1, 2, 1);
    expect(onlyCells(callFunction('resets', [matrix(values, 60, [180])]))).toEqual([0]);
    expect(onlyCells(callFunction('resets', [matrix(values, 60, [180], { extension: 'anchored' })]))).toEqual([1]);
  });

  it('see resets that start timestamps tell of', () => {
    const started = (...starts: number[]) =>
      onlyCells(
        callFunction('resets', [
          matrix(minutes(5, 5, 5), 600, [120], {}, { startTimestamps: Float64Array.from(starts) }),
        ]),
      );
    expect(started(0, 0, 0)).toEqual([0]);
    expect(started(0, 30_000, 30_000)).toEqual([1]);
    expect(started(0, 30_000, 90_000)).toEqual([2]);
  });
});
