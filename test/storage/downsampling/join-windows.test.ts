import { describe, expect, it } from 'vitest';
import { isIn, joinWindows } from '../../../lib/storage/downsampling/join-windows.ts';
import { STALE_HISTOGRAM } from '../../model/arbitrary-histogram.ts';

const SEGMENTS = [
  { after: 100, upTo: 200, width: 50 },
  { after: 300, upTo: 400, width: 100 },
];
const ALL = { mint: 0, maxt: 1000 };

describe('joinWindows', () => {
  const windows = {
    floats: {
      timestamps: Float64Array.of(150, 200, 400),
      values: Float64Array.of(10, 20, 40),
      counts: Float64Array.of(2, 3, 4),
    },
    histograms: [],
  };
  const samples = {
    floats: { timestamps: Float64Array.of(100, 101, 200, 201, 350, 401), values: Float64Array.of(1, 2, 3, 4, 5, 6) },
  };

  it('takes every moment either from windows or from samples, in the order of time', () => {
    const { floats, downsampled } = joinWindows(windows, samples, SEGMENTS, ALL);
    expect(floats.timestamps).toEqual(Float64Array.of(100, 150, 200, 201, 400, 401));
    expect(floats.values).toEqual(Float64Array.of(1, 10, 20, 4, 40, 6));
    expect(downsampled?.counts).toEqual(Float64Array.of(1, 2, 3, 1, 4, 1));
    expect(downsampled?.segments).toBe(SEGMENTS);
  });

  it('cuts what was not asked for', () => {
    const { floats } = joinWindows(windows, samples, SEGMENTS, { mint: 160, maxt: 300 });
    expect(floats.timestamps).toEqual(Float64Array.of(200, 201));
  });

  it('does the same with histograms', () => {
    const at = (timestamp: number) => ({ ...STALE_HISTOGRAM, timestamp, sum: 1, count: 1 });
    const histograms = { timestamps: Float64Array.of(180, 250), histograms: [at(180), at(250)] };
    const joined = joinWindows({ ...windows, histograms: [at(190)] }, { ...samples, histograms }, SEGMENTS, ALL);
    expect(joined.histograms?.timestamps).toEqual(Float64Array.of(190, 250));
  });
});

describe('isIn', () => {
  it('takes segments as open on the left', () => {
    expect([100, 101, 200, 201].map((time) => isIn(SEGMENTS, time))).toEqual([false, true, true, false]);
  });
});
