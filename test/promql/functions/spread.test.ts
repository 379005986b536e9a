import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileOfFloats } from '../../../lib/promql/functions/quantile-of-floats.ts';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, matrix, onlyCells, scalar } from './call-function.ts';

const seconds = (...values: (number | ReturnType<typeof histogramOf>)[]) =>
  matrix(
    values.map((value, i) => [i + 1, value] as const),
    60,
    [60],
  );

describe('quantile_over_time', () => {
  it.each([
    [0, 0],
    [0.75, 2.5],
    [0.8, 2.8],
    [1, 4],
  ])('of q = %d', (q, expected) => {
    expect(onlyCells(callFunction('quantile_over_time', [scalar(q), seconds(0, 4, 1)]))[0]).toBeCloseTo(expected, 12);
  });

  it('warns of a quantile that is none', () => {
    const answer = callFunction('quantile_over_time', [scalar(2), seconds(1)]);
    expect(onlyCells(answer)).toEqual([Number.POSITIVE_INFINITY]);
    expect(answer.warnings).toEqual(['PromQL warning: quantile value should be between 0 and 1, got 2 (1:1)']);
  });
});

describe('quantileOfFloats', () => {
  it('sorts NaN below everything', () => {
    expect(quantileOfFloats(0, Float64Array.of(3, Number.NaN, 1))).toBeNaN();
    expect(quantileOfFloats(1, Float64Array.of(3, Number.NaN, 1))).toBe(3);
    expect(quantileOfFloats(0.5, Float64Array.of(3, Number.NaN, 1))).toBe(1);
  });

  it('lies between the extremes and rises with q', () => {
    const values = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 30 });
    const q = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, q, q, (list, a, b) => {
        const of = (x: number) => quantileOfFloats(x, Float64Array.from(list));
        expect(of(Math.min(a, b))).toBeLessThanOrEqual(of(Math.max(a, b)) + 1e-9);
        expect(of(0)).toBe(Math.min(...list));
        expect(of(1)).toBe(Math.max(...list));
      }),
    );
  });
});

describe('deviations', () => {
  it('are zero for equal values', () => {
    const same = seconds(1.5990505637277868, 1.5990505637277868, 1.5990505637277868);
    expect(onlyCells(callFunction('stdvar_over_time', [same]))).toEqual([0]);
  });

  it('are those of the population', () => {
    expect(onlyCells(callFunction('stddev_over_time', [seconds(0, 8, 8, 2, 3)]))[0]).toBeCloseTo(3.2496153618, 9);
  });

  it('can be measured from the median', () => {
    expect(onlyCells(callFunction('mad_over_time', [seconds(4, 6, 2, 1, 999, 1, 2)]))).toEqual([1]);
    expect(onlyCells(callFunction('mad_over_time', [seconds(1, Number.NaN, 4)]))).toEqual([Number.NaN]);
  });

  it('leave histograms out and say so', () => {
    const mixed = callFunction('stddev_over_time', [seconds(1, 1, histogramOf({ buckets: [1] }))]);
    expect(onlyCells(mixed)).toEqual([0]);
    expect(mixed.infos).toEqual([
      'PromQL info: ignored histograms in a range containing both floats and histograms for metric name "metric_total" (1:1)',
    ]);
    const only = callFunction('stddev_over_time', [seconds(histogramOf({ buckets: [1] }))]);
    expect([only.cells, only.infos]).toEqual([{}, []]);
  });
});
