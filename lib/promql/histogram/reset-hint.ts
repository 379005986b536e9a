import type { ResetHint } from '../../model/histogram.ts';

/** What is known of counter resets in the sum (or difference) of two histograms. */
export interface CombinedHint {
  readonly hint: ResetHint;
  /** One side says there was a reset and the other that there was none. */
  readonly collision: boolean;
}

/** A gauge makes a gauge; anything with unknown is unknown; `yes` against `no` is a collision and unknown. */
export function combineHints(a: ResetHint, b: ResetHint): CombinedHint {
  if (a === b) return { hint: a, collision: false };
  if (a === 'gauge' || b === 'gauge') return { hint: 'gauge', collision: false };
  return { hint: 'unknown', collision: a !== 'unknown' && b !== 'unknown' };
}
