import { describe, expect, it } from 'vitest';
import { histogramOf } from '../histogram/histogram-of.ts';
import { callFunction, gridOf, scalar, vector } from './call-function.ts';

const values = (name: string, extra = {}) => {
  const { value } = callFunction(name, [], extra);
  return value.kind === 'scalar' ? [...value.values] : value;
};

describe('times', () => {
  const grid = gridOf(3, 10_000, 5_000);

  it('of evaluation', () => {
    expect(values('time', { grid })).toEqual([10, 15, 20]);
  });

  it('of the query, also inside a subquery', () => {
    const queryTimes = { start: 100_000, end: 400_000, step: 60_000 };
    expect(values('start', { grid, queryTimes })).toEqual([100, 100, 100]);
    expect(values('end', { grid, queryTimes })).toEqual([400, 400, 400]);
    expect(values('range', { grid, queryTimes })).toEqual([300, 300, 300]);
    expect(values('step', { grid, queryTimes })).toEqual([60, 60, 60]);
  });

  it('of an instant query', () => {
    expect([values('step'), values('range')]).toEqual([[0], [0]]);
  });
});

describe('scalar and vector', () => {
  it('give the one float of a step', () => {
    const histogram = histogramOf();
    const { value } = callFunction('scalar', [
      vector({ a: [1, 1, undefined], b: [undefined, 2, undefined], h: [histogram, histogram, histogram] }),
    ]);
    expect(value).toEqual({ kind: 'scalar', values: Float64Array.of(1, Number.NaN, Number.NaN) });
  });

  it('turn scalars into a series without labels', () => {
    expect(callFunction('vector', [scalar(1, 2)]).cells).toEqual({ '{}': [1, 2] });
  });
});

describe('timestamp and start_timestamp', () => {
  const plain = vector({ m: [5, undefined, histogramOf()] });
  const grid = gridOf(3, 10_000, 5_000);

  it('tell when samples were taken where the selector is plain, else the evaluation time', () => {
    const sampleTimestamps = Float64Array.of(9_500, 0, 18_000);
    const selected = { ...plain, series: plain.series.map((series) => ({ ...series, sampleTimestamps })) };
    expect(callFunction('timestamp', [selected], { grid }).cells).toEqual({ '{}': [9.5, undefined, 18] });
    expect(callFunction('timestamp', [plain], { grid }).cells).toEqual({ '{}': [10, undefined, 20] });
  });

  it('tell when counters started, or nothing', () => {
    const startTimestamps = Float64Array.of(1_500, 0, 0);
    const selected = { ...plain, series: plain.series.map((series) => ({ ...series, startTimestamps })) };
    expect(callFunction('start_timestamp', [selected], { grid }).cells).toEqual({ '{}': [1.5, undefined, 0] });
    expect(callFunction('start_timestamp', [plain], { grid }).cells).toEqual({});
  });
});
