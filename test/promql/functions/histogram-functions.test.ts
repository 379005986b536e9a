import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, onlyCells, scalar, text, vector } from './call-function.ts';

const native = histogramOf({ sum: 5, buckets: [1, 2, 1] });
const classic = {
  'b{le=1,x=y}': [1, 10],
  'b{le=2,x=y}': [3, 20],
  'b{le=+Inf,x=y}': [4, undefined],
};

describe('statistics of native histograms', () => {
  it.each([
    ['histogram_count', 4],
    ['histogram_sum', 5],
    ['histogram_avg', 1.25],
    ['histogram_stdvar', 0.71],
    ['histogram_stddev', 0.8426],
  ])('%s', (name, expected) => {
    const answer = callFunction(name, [vector({ h: [native, 1] })]);
    expect(onlyCells(answer)[0]).toBeCloseTo(expected, 3);
    expect(onlyCells(answer)[1]).toBeUndefined();
  });
});

describe('histogram_quantile', () => {
  it('takes native and classic histograms, step by step', () => {
    const answer = callFunction('histogram_quantile', [
      scalar(0.5, 0.5),
      vector({ h: [native, undefined], ...classic }),
    ]);
    expect(answer.cells).toEqual({ '{}': [expect.closeTo(Math.SQRT2, 12), undefined], '{x="y"}': [1.5, Number.NaN] });
  });

  it('tells of counts that had to be raised, once over the whole query', () => {
    const falling = { 'b{le=1}': [2, 4], 'b{le=2}': [1, 1], 'b{le=+Inf}': [5, 5] };
    expect(callFunction('histogram_quantile', [scalar(0.5, 0.5), vector(falling)]).infos).toEqual([
      'PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "b", from buckets 2 to 2, with a max diff of 3, over 2 samples from 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z (1:11)',
    ]);
  });

  it.each([
    [
      { b: [1] },
      'PromQL warning: bucket label "le" is missing or has a malformed value of "" for metric name "b" (1:11)',
    ],
    [
      { 'b{le=Hello}': [1] },
      'PromQL warning: bucket label "le" is missing or has a malformed value of "Hello" for metric name "b" (1:11)',
    ],
    [
      { 'b{le=1}': [1], b: [native] },
      'PromQL warning: vector contains a mix of classic and native histograms for metric name "b" (1:11)',
    ],
  ])('gives nothing and a warning for %#', (series, warning) => {
    const answer = callFunction('histogram_quantile', [scalar(0.5), vector(series)]);
    expect([answer.cells, answer.warnings]).toEqual([{}, [warning]]);
  });

  it('warns of a quantile that is none', () => {
    const answer = callFunction('histogram_quantile', [scalar(Number.NaN), vector({ h: [native] })]);
    expect(onlyCells(answer)).toEqual([Number.NaN]);
    expect(answer.warnings).toEqual(['PromQL warning: quantile value should be between 0 and 1, got NaN (1:1)']);
  });

  it('tells of NaN observations', () => {
    const observed = histogramOf({ count: 15, sum: Number.NaN, buckets: [12] });
    expect(callFunction('histogram_quantile', [scalar(0.4), vector({ h: [observed] })]).infos).toEqual([
      'PromQL info: input to histogram_quantile has NaN observations, result is skewed higher for metric name "h" (1:11)',
    ]);
  });
});

describe('histogram_quantiles', () => {
  it('gives each quantile a label', () => {
    const answer = callFunction('histogram_quantiles', [vector({ h: [native] }), text('q'), scalar(0), scalar(0.5)]);
    expect(answer.cells).toEqual({ '{q="0.0"}': [0.5], '{q="0.5"}': [expect.closeTo(Math.SQRT2, 12)] });
  });

  it('refuses a label that makes series one', () => {
    const both = vector({ 'h{start=a}': [native], 'h{start=b}': [native] });
    expect(() => callFunction('histogram_quantiles', [both, text('start'), scalar(0.5)])).toThrow(
      'vector cannot contain metrics with the same labelset',
    );
  });
});

describe('histogram_fraction', () => {
  it('takes native and classic histograms', () => {
    const answer = callFunction('histogram_fraction', [
      scalar(1, 1),
      scalar(2, 2),
      vector({ h: [native, native], ...classic }),
    ]);
    expect(answer.cells).toEqual({ '{}': [0.5, 0.5], '{x="y"}': [0.5, Number.NaN] });
  });
});
