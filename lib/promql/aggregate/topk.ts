import { ABSENT, FLOAT, type VectorSeries } from '../value.ts';
import { type Aggregation, informHistogramIgnored } from './aggregation.ts';
import { SeriesChoice } from './select-series.ts';

/**
 * `topk` (sign 1) and `bottomk` (sign -1): the k series with the highest or lowest floats at each step; NaN comes last
 * in both. Over a single step the result stands in that order.
 */
export function topk(members: readonly VectorSeries[], aggregation: Aggregation, sign: 1 | -1): VectorSeries[] {
  const { grid, params, evaluation } = aggregation;
  const rankings = Array.from({ length: grid.length }, (_, step) => rankingOf(params[step] as number, members.length));
  let ignored = false;
  // Series by series, so that each one's columns are read in one go.
  for (const [index, { kinds, floats }] of members.entries()) {
    evaluation.interruption.poll();
    for (let step = 0; step < grid.length; step++) {
      const kind = kinds[step];
      if (kind === FLOAT) rankings[step]?.offer(index, sign * (floats[step] as number));
      else if (kind !== ABSENT) ignored = true;
    }
  }
  if (ignored) informHistogramIgnored(aggregation);
  if (grid.length === 1) return rankings[0]?.chosen.map((index) => members[index] as VectorSeries) ?? [];
  const choice = new SeriesChoice(members);
  for (const [step, ranking] of rankings.entries()) for (const index of ranking?.chosen ?? []) choice.keep(index, step);
  return choice.series;
}

function rankingOf(k: number, members: number): Ranking | undefined {
  return k >= 1 ? new Ranking(Math.min(Math.trunc(k), members)) : undefined;
}

/** The best of what is offered, best first; of equals the first offered, and NaN behind every number. */
class Ranking {
  readonly #capacity: number;
  readonly #indexes: number[] = [];
  readonly #values: number[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get chosen(): readonly number[] {
    return this.#indexes;
  }

  offer(index: number, value: number): void {
    const values = this.#values;
    const full = values.length === this.#capacity;
    if (full && !isBetter(value, values[values.length - 1] as number)) return;
    const position = this.#positionOf(value);
    if (full) {
      values.pop();
      this.#indexes.pop();
    }
    values.splice(position, 0, value);
    this.#indexes.splice(position, 0, index);
  }

  /** Behind everything that is as good. */
  #positionOf(value: number): number {
    let [low, high] = [0, this.#values.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBetter(value, this.#values[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function isBetter(a: number, b: number): boolean {
  return a > b || (Number.isNaN(b) && !Number.isNaN(a));
}
