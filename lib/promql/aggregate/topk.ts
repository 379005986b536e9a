import { FLOAT, HISTOGRAM, type VectorSeries } from '../value.ts';
import { type Aggregation, informHistogramIgnored } from './aggregation.ts';
import { compareRank, Ranking } from './ranking.ts';
import { SeriesChoice } from './select-series.ts';

/** Up to so many are picked out while the series are read; of more, each step is sorted. */
const FEW = 64;

/**
 * `topk` (sign 1) and `bottomk` (sign -1): the k series with the highest or lowest floats at each step; NaN comes last
 * in both. Over a single step the result stands in that order.
 */
export function topk(members: readonly VectorSeries[], aggregation: Aggregation, sign: 1 | -1): VectorSeries[] {
  const { grid, params } = aggregation;
  if (members.some(({ kinds }) => kinds.includes(HISTOGRAM))) informHistogramIgnored(aggregation);
  const few = members.length <= FEW || params.every((k) => k < FEW + 1);
  const chosenAt = few ? pickFew(members, aggregation, sign) : sortEach(members, aggregation, sign);
  if (grid.length === 1) return chosenAt(0).map((index) => members[index] as VectorSeries);
  const choice = new SeriesChoice(members);
  for (let step = 0; step < grid.length; step++) for (const index of chosenAt(step)) choice.keep(index, step);
  return choice.series;
}

/** Indexes of the members chosen at a step, best first. */
type Chosen = (step: number) => readonly number[];

/** Series by series, so that each one's columns are read in one go. */
function pickFew(members: readonly VectorSeries[], { grid, params, evaluation }: Aggregation, sign: 1 | -1): Chosen {
  const rankings = Array.from({ length: grid.length }, (_, step) => {
    const k = Math.min(Math.trunc(params[step] as number), members.length);
    return k >= 1 ? new Ranking(k) : undefined;
  });
  for (const [index, { kinds, floats }] of members.entries()) {
    evaluation.interruption.poll();
    for (let step = 0; step < grid.length; step++) {
      if (kinds[step] === FLOAT) rankings[step]?.offer(index, sign * (floats[step] as number));
    }
  }
  return (step) => rankings[step]?.chosen ?? [];
}

function sortEach(members: readonly VectorSeries[], { params, evaluation }: Aggregation, sign: 1 | -1): Chosen {
  return (step) => {
    evaluation.interruption.poll();
    const k = Math.max(0, Math.trunc(params[step] as number));
    const indexes = [...members.keys()].filter((index) => members[index]?.kinds[step] === FLOAT);
    const rank = (index: number) => sign * (members[index]?.floats[step] ?? Number.NaN);
    return indexes.sort((a, b) => compareRank(rank(a), rank(b))).slice(0, k);
  };
}
