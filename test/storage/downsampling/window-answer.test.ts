import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { downsampleFloats } from '../../../lib/storage/downsampling/downsample-floats.ts';
import { windowAnswer } from '../../../lib/storage/downsampling/window-answer.ts';

const windows = downsampleFloats(
  {
    timestamps: Float64Array.of(101, 150, 160, 210, 310, 320, 330, 340),
    values: Float64Array.of(3, 9, 2, 5, 6, 7, 8, STALE_NAN),
  },
  100,
  { mint: 0, maxt: 1e9 },
);

function listed({ timestamps, values }: { readonly timestamps: Float64Array; readonly values: Float64Array }) {
  return Array.from(timestamps, (time, i) => [time, values[i]]);
}

describe('windowAnswer', () => {
  it('gives first and last samples of counters, with what happened between', () => {
    const answer = windowAnswer('counter', windows);
    expect(listed(answer)).toEqual([
      [101, 3],
      [160, 2],
      [210, 5],
      [310, 6],
      [330, 8],
    ]);
    expect(answer.counts).toEqual(Float64Array.of(1, 2, 1, 1, 2));
    expect(answer.falls?.numbers).toEqual(Float64Array.of(Number.NaN, 1, Number.NaN, Number.NaN, 0));
    expect(answer.falls?.amounts).toEqual(Float64Array.of(Number.NaN, 9, Number.NaN, Number.NaN, 0));
  });

  it('gives sums with counts for means, and counts alone for counts', () => {
    expect(listed(windowAnswer('average', windows))).toEqual([
      [200, 14],
      [300, 5],
      [400, 21],
    ]);
    expect(windowAnswer('average', windows).counts).toEqual(Float64Array.of(3, 1, 3));
    expect(windowAnswer('count', windows).counts).toEqual(Float64Array.of(3, 1, 3));
  });

  it('gives one column for everything else', () => {
    expect(listed(windowAnswer('max', windows))).toEqual([
      [200, 9],
      [300, 5],
      [400, 8],
    ]);
    expect(windowAnswer('last', windows).timestamps).toEqual(Float64Array.of(160, 210, 330, 340));
    expect(windowAnswer('min', {}).timestamps).toHaveLength(0);
  });
});
