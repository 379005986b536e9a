import { ABSENT, FLOAT, type VectorSeries } from '../value.ts';
import { type Aggregation, informHistogramIgnored } from './aggregation.ts';
import { SeriesChoice } from './select-series.ts';

/**
 * `topk` (sign 1) and `bottomk` (sign -1): the k series with the highest or lowest floats at each step; NaN comes last
 * in both. Over a single step the result stands in that order.
 */
export function topk(members: readonly VectorSeries[], aggregation: Aggregation, sign: 1 | -1): VectorSeries[] {
  const { grid, params, evaluation } = aggregation;
  const choice = new SeriesChoice(members);
  const candidates: number[] = [];
  let ignored = false;
  let chosen: readonly number[] = [];
  for (let step = 0; step < grid.length; step++) {
    evaluation.interruption.poll();
    candidates.length = 0;
    for (let i = 0; i < members.length; i++) {
      const kind = members[i]?.kinds[step];
      if (kind === FLOAT) candidates.push(i);
      else if (kind !== ABSENT) ignored = true;
    }
    const k = Math.trunc(params[step] as number);
    if (k < 1) chosen = [];
    else {
      candidates.sort((a, b) => compareAt(step, members[a] as VectorSeries, members[b] as VectorSeries, sign) || a - b);
      chosen = candidates.slice(0, k);
    }
    for (const index of chosen) choice.keep(index, step);
  }
  if (ignored) informHistogramIgnored(aggregation);
  return grid.length === 1 ? chosen.map((index) => members[index] as VectorSeries) : choice.series;
}

function compareAt(step: number, a: VectorSeries, b: VectorSeries, sign: 1 | -1): number {
  const x = a.floats[step] as number;
  const y = b.floats[step] as number;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  if (x === y) return 0;
  return sign * (x > y ? -1 : 1);
}
