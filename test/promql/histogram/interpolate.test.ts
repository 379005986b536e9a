import { describe, expect, it } from 'vitest';
import { IncompatibleHistogramsError } from '../../../lib/promql/histogram/incompatible.ts';
import { interpolateHistograms } from '../../../lib/promql/histogram/interpolate.ts';
import { histogramOf } from './histogram-of.ts';

describe('interpolateHistograms', () => {
  const before = { timestamp: 0, histogram: histogramOf({ buckets: [2] }) };
  const after = { timestamp: 10, histogram: histogramOf({ buckets: [6] }) };

  it('lies on the line between the two', () => {
    expect(interpolateHistograms(before, after, 5, true).histogram).toMatchObject({ count: 4, sum: 4 });
    expect(interpolateHistograms(before, after, 0, true).histogram).toBe(before.histogram);
    expect(interpolateHistograms(before, after, 10, true).histogram).toBe(after.histogram);
  });

  it('lets a counter that was reset begin at nothing, but not a gauge', () => {
    expect(interpolateHistograms(after, { ...before, timestamp: 20 }, 15, true).histogram.count).toBe(1);
    expect(interpolateHistograms(after, { ...before, timestamp: 20 }, 15, false).histogram.count).toBe(4);
  });

  it('refuses to mix exponential and custom buckets', () => {
    const custom = { timestamp: 10, histogram: histogramOf({ bounds: [1], buckets: [9] }) };
    expect(() => interpolateHistograms(before, custom, 5, false)).toThrow(IncompatibleHistogramsError);
  });
});
