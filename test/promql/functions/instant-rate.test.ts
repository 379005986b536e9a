import { describe, expect, it } from 'vitest';
import { histogramToScript } from '../../../lib/promql/histogram/format.ts';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, matrix, onlyCells } from './call-function.ts';

describe('irate and idelta', () => {
  it('take the last two samples only', () => {
    const samples = [
      [0, 0],
      [100, 50],
      [110, 60],
      [120, 90],
    ] as const;
    expect(onlyCells(callFunction('irate', [matrix(samples, 300, [120])]))).toEqual([3]);
    expect(onlyCells(callFunction('idelta', [matrix(samples, 300, [110])]))).toEqual([10]);
  });

  it('treat a fall as a restart from zero, or as a fall', () => {
    const samples = [
      [0, 50],
      [10, 20],
    ] as const;
    expect(onlyCells(callFunction('irate', [matrix(samples, 60, [10])]))).toEqual([2]);
    expect(onlyCells(callFunction('idelta', [matrix(samples, 60, [10])]))).toEqual([-30]);
  });

  it('need two samples', () => {
    expect(callFunction('irate', [matrix([[0, 1]], 60, [10])]).cells).toEqual({});
  });

  it('subtract histograms', () => {
    const samples = [
      [0, histogramOf({ buckets: [1] })],
      [10, histogramOf({ buckets: [3, 2] })],
    ] as const;
    const [cell] = onlyCells(callFunction('irate', [matrix(samples, 60, [10])]));
    expect(typeof cell === 'object' && histogramToScript(cell)).toBe(
      '{{count:0.4 sum:0.4 counter_reset_hint:gauge buckets:[0.2 0.2]}}',
    );
  });

  it('warn where the last two are a float and a histogram', () => {
    const samples = [
      [0, 1],
      [5, 2],
      [10, histogramOf({ buckets: [1] })],
    ] as const;
    const answer = callFunction('irate', [matrix(samples, 60, [10])]);
    expect([answer.cells, answer.warnings.length]).toEqual([{}, 1]);
    expect(onlyCells(callFunction('irate', [matrix(samples, 60, [5])]))).toEqual([0.2]);
  });
});
