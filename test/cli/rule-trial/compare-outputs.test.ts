import { describe, expect, it } from 'vitest';
import { compareOutputs, relativeDifference } from '../../../lib/cli/rule-trial/compare-outputs.ts';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import type { Series } from '../../../lib/storage/interface.ts';
import { series } from '../../model/series.ts';

function of(text: string, ...values: number[]): Series {
  const timestamps = Float64Array.from(values, (_, i) => i * 60_000);
  return { labels: series(text), floats: { timestamps, values: Float64Array.from(values) } };
}

describe('differences of outputs', () => {
  it('counts series that come and go, and compares the others time by time', () => {
    const before = [of('a{x="1"}', 1, 2, 4), of('a{x="2"}', 1)];
    const after = [of('a{x="1"}', 1, 1, 5, 9), of('a{x="3"}', 1)];
    const difference = compareOutputs(before, after);
    expect(difference).toMatchObject({
      before: 2,
      after: 2,
      gone: ['a{x="2"}'],
      come: ['a{x="3"}'],
      compared: 3,
      different: 2,
      maxRelative: 0.5,
      examples: [{ series: 'a{x="1"}', time: 60_000, before: 2, after: 1, relative: 0.5 }],
    });
    expect(difference.meanRelative).toBeCloseTo(0.7 / 3, 12);
  });

  it('has nothing to tell of what is equal, NaN and the ends of series included', () => {
    const one = [of('a', 1, Number.NaN, 0, STALE_NAN)];
    expect(compareOutputs(one, one)).toMatchObject({ compared: 3, different: 0, maxRelative: 0, meanRelative: 0 });
    expect(compareOutputs([], [])).toMatchObject({ before: 0, after: 0, compared: 0, meanRelative: 0 });
  });

  it.each([
    [1, 1, 0],
    [1, 2, 0.5],
    [2, 1, 0.5],
    [0, 3, 1],
    [0, 0, 0],
    [-1, 1, 2],
    [Number.NaN, Number.NaN, 0],
    [Number.NaN, 1, 1],
    [Number.POSITIVE_INFINITY, 1, 1],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0],
  ])('%d and %d: %d', (a, b, relative) => {
    expect(relativeDifference(a, b)).toBe(relative);
  });
});
