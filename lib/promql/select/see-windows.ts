import type { Evaluation } from '../evaluation.ts';
import type { RangeSeries } from '../value.ts';

/** Counts the samples that windows of `range` ms pass over at each step, and holds the most that stand in one step. */
export function seeWindows(
  series: readonly RangeSeries[],
  range: number,
  ends: Float64Array,
  { budget, interruption }: Evaluation,
): void {
  for (const { timestamps, histogramTimestamps } of series) {
    interruption.poll();
    budget.see(countSeen(timestamps, range, ends));
    if (histogramTimestamps !== undefined) budget.see(countSeen(histogramTimestamps, range, ends));
  }
}

/** The sizes of all windows `(end - range, end]`, summed up; `ends` ascend. */
function countSeen(timestamps: Float64Array, range: number, ends: Float64Array): number {
  const { length } = timestamps;
  let first = 0;
  let last = 0;
  let seen = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i] as number;
    const start = end - range;
    while (last < length && (timestamps[last] as number) <= end) last++;
    while (first < last && (timestamps[first] as number) <= start) first++;
    seen += last - first;
  }
  return seen;
}
