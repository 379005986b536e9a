import { describe, expect, it } from 'vitest';
import { histogramVariance } from '../../../lib/promql/histogram/variance.ts';
import { histogramOf } from './histogram-of.ts';

describe('histogramVariance', () => {
  it.each([
    ['positive buckets', histogramOf({ schema: 2, sum: 10, buckets: [1, 0, 0, 0, 1, 0, 0, 1, 1] }), 1.163807968526718],
    ['negative buckets', histogramOf({ sum: -100, negative: [0, 0, 0, 0, 10] }), 1.725830020304794],
    ['custom buckets', histogramOf({ bounds: [0, 2], buckets: [0, 4], sum: 4 }), 0],
  ])('of %s', (_, histogram, expected) => {
    expect(histogramVariance(histogram)).toBeCloseTo(expected, 12);
  });

  it('is NaN without observations and infinite with infinite ones', () => {
    expect(histogramVariance(histogramOf())).toBeNaN();
    expect(histogramVariance(histogramOf({ buckets: [1], sum: Number.POSITIVE_INFINITY }))).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
