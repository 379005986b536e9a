import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { downsampleHistograms } from '../../../lib/storage/downsampling/downsample-histograms.ts';
import { STALE_HISTOGRAM } from '../../model/arbitrary-histogram.ts';

const ALL = { mint: 0, maxt: 1e9 };

function at(timestamp: number, sum: number) {
  return { ...STALE_HISTOGRAM, timestamp, sum, count: 1, resetHint: 'no' as const };
}

describe('downsampleHistograms', () => {
  it('keeps the last of each window, which says nothing of the one before any more', () => {
    const kept = downsampleHistograms([at(101, 1), at(200, 2), at(201, 3)], 100, ALL);
    expect(kept.map(({ timestamp, sum, resetHint }) => [timestamp, sum, resetHint])).toEqual([
      [200, 2, 'unknown'],
      [201, 3, 'unknown'],
    ]);
  });

  it('keeps the marker that a window ends with beside its last histogram', () => {
    const kept = downsampleHistograms([at(101, 1), at(120, STALE_NAN), at(130, 2), at(140, STALE_NAN)], 100, ALL);
    expect(kept.map(({ timestamp }) => timestamp)).toEqual([130, 140]);
  });

  it('leaves gauges gauges, and everything outside of the range out', () => {
    const gauge = { ...at(150, 1), resetHint: 'gauge' as const };
    expect(downsampleHistograms([at(90, 1), gauge, at(210, 1)], 100, { mint: 101, maxt: 200 })).toEqual([gauge]);
  });
});
