import type { Evaluation } from '../evaluation.ts';
import { Window } from '../functions/window.ts';
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
    let seen = 0;
    for (const times of histogramTimestamps === undefined ? [timestamps] : [timestamps, histogramTimestamps]) {
      const window = new Window(times);
      for (let i = 0; i < ends.length; i++) {
        const end = ends[i] as number;
        window.moveTo(end - range, end);
        seen += window.size;
      }
    }
    budget.see(seen);
  }
}
