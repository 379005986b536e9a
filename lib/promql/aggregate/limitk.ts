import { ABSENT, type VectorSeries } from '../value.ts';
import type { Aggregation } from './aggregation.ts';
import { SeriesChoice } from './select-series.ts';

/** `limitk`: any k series at each step, floats or histograms; here the first ones. */
export function limitk(members: readonly VectorSeries[], { grid, params }: Aggregation): VectorSeries[] {
  const choice = new SeriesChoice(members);
  for (let step = 0; step < grid.length; step++) {
    let left = Math.trunc(params[step] as number);
    for (let i = 0; i < members.length && left > 0; i++) {
      if (members[i]?.kinds[step] === ABSENT) continue;
      choice.keep(i, step);
      left--;
    }
  }
  return choice.series;
}
