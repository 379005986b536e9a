import { describe, expect, it } from 'vitest';
import { histogramToScript, histogramToString } from '../../../lib/promql/histogram/format.ts';
import { histogramOf } from './histogram-of.ts';

describe('histogramToString', () => {
  it('lists populated buckets upwards with their bounds', () => {
    const histogram = histogramOf({ sum: 5, zero: 1, width: 0.001, buckets: [1, 0, 2], negative: [3] });
    expect(histogramToString(histogram)).toBe('{count:7, sum:5, [-1,-0.5):3, [-0.001,0.001]:1, (0.5,1]:1, (2,4]:2}');
  });

  it('begins custom buckets at -Inf', () => {
    expect(histogramToString(histogramOf({ bounds: [5], buckets: [1, 2] }))).toBe(
      '{count:3, sum:3, [-Inf,5]:1, (5,+Inf]:2}',
    );
  });
});

describe('histogramToScript', () => {
  it.each([
    [histogramOf(), '{{}}'],
    [
      histogramOf({ schema: 1, buckets: [1, 0, 2], offset: -1 }),
      '{{schema:1 count:3 sum:3 offset:-1 buckets:[1 0 2]}}',
    ],
    [histogramOf({ hint: 'gauge', count: 1e6 }), '{{count:1e+06 counter_reset_hint:gauge}}'],
    [
      histogramOf({ hint: 'yes', negative: [0.5], negativeOffset: 2 }),
      '{{count:0.5 sum:0.5 counter_reset_hint:reset n_offset:2 n_buckets:[0.5]}}',
    ],
  ])('writes %#', (histogram, expected) => {
    expect(histogramToScript(histogram)).toBe(expected);
  });
});
