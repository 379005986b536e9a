import type { Histogram } from '../../model/histogram.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import type { TimeRange } from '../retention-window.ts';
import { windowEnd } from './width.ts';

/**
 * The last histogram of each window of `width` ms, at its own time, and after it the stale marker where the window ends with
 * one. Of a sorted list, what lies in `range`.
 */
export function downsampleHistograms(histograms: readonly Histogram[], width: number, range: TimeRange): Histogram[] {
  const kept: Histogram[] = [];
  const within = histograms.filter(({ timestamp }) => timestamp >= range.mint && timestamp <= range.maxt);
  let last: Histogram | undefined;
  for (const [i, histogram] of within.entries()) {
    const next = within[i + 1];
    const isStale = isStaleNaN(histogram.sum);
    if (!isStale) last = histogram;
    if (next !== undefined && windowEnd(next.timestamp, width) === windowEnd(histogram.timestamp, width)) continue;
    if (last !== undefined) kept.push(unhinted(last));
    if (isStale) kept.push(histogram);
    last = undefined;
  }
  return kept;
}

/** The histogram before it is left out, so a hint about it would say nothing. */
function unhinted(histogram: Histogram): Histogram {
  return histogram.resetHint === 'gauge' ? histogram : { ...histogram, resetHint: 'unknown' };
}
