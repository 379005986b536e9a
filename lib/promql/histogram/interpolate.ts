import type { FloatHistogram } from '../float-histogram.ts';
import { addHistograms, multiplyHistogram, subtractHistograms } from './arithmetic.ts';
import { detectReset } from './detect-reset.ts';

/** A histogram and its time (ms). */
export interface TimedHistogram {
  readonly timestamp: number;
  readonly histogram: FloatHistogram;
}

export interface InterpolatedHistogram {
  readonly histogram: FloatHistogram;
  readonly boundsReconciled: boolean;
}

/**
 * The histogram at `timestamp` on the straight line from `before` to `after`. A counter that was reset between them is
 * taken to have restarted from nothing at `before`.
 *
 * @throws IncompatibleHistogramsError when exponential meets custom buckets.
 */
export function interpolateHistograms(
  before: TimedHistogram,
  after: TimedHistogram,
  timestamp: number,
  isCounter: boolean,
): InterpolatedHistogram {
  if (timestamp === before.timestamp) return { histogram: before.histogram, boundsReconciled: false };
  if (timestamp === after.timestamp) return { histogram: after.histogram, boundsReconciled: false };
  const fraction = (timestamp - before.timestamp) / (after.timestamp - before.timestamp);
  if (isCounter && detectReset(after.histogram, before.histogram)) {
    return { histogram: multiplyHistogram(after.histogram, fraction), boundsReconciled: false };
  }
  const step = subtractHistograms(after.histogram, before.histogram);
  const sum = addHistograms(multiplyHistogram(step.histogram, fraction), before.histogram);
  return { histogram: sum.histogram, boundsReconciled: step.boundsReconciled || sum.boundsReconciled };
}
