import type { ResetHint } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { detectReset } from './detect-reset.ts';

/**
 * The histograms of one series, in time order, with every `unknown` hint replaced by what a comparison with the
 * histogram before tells: `yes` or `no`. The first keeps its hint, and so do gauges. Prometheus reads series this way
 * where only count and sum of the histograms are used (`histogram_count`, `histogram_sum`, `histogram_avg`).
 */
export function withDetectedResets(histograms: readonly FloatHistogram[]): FloatHistogram[] {
  return histograms.map((histogram, i) => {
    const previous = histograms[i - 1];
    if (previous === undefined || histogram.resetHint !== 'unknown') return histogram;
    const resetHint: ResetHint = detectReset(histogram, previous) ? 'yes' : 'no';
    return { ...histogram, resetHint };
  });
}
