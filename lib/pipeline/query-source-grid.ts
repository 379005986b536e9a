import { compareLabels, type Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Combine } from '../plan/push-down-read.ts';
import type { Series } from '../storage/interface.ts';
import { matchLabels } from '../storage/match-labels.ts';

/** The times of one run: `start + i * step` up to `end`, ms. */
export interface RunTimes {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export function timesOf({ start, end, step }: RunTimes): number[] {
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step);
}

/** Series that have a value at some times of a run and nothing anywhere else. */
export class GridSeries {
  readonly #series = new Map<string, { readonly labels: Labels; readonly values: Map<number, number> }>();

  /** Adds a value; where there is one already it is combined, or refused (false) where nothing is to be combined. */
  add(labels: Labels, time: number, value: number, combine?: Combine): boolean {
    let series = this.#series.get(labels.key);
    if (series === undefined) {
      series = { labels, values: new Map() };
      this.#series.set(labels.key, series);
    }
    const known = series.values.get(time);
    if (known !== undefined && combine === undefined) return false;
    series.values.set(time, known === undefined ? value : combined(known, value, combine));
    return true;
  }

  /** In the order of labels, as a querier gives them. */
  select(matchers: readonly Matcher[] = []): Series[] {
    const found = [...this.#series.values()].filter(({ labels }) => matchLabels(labels, matchers));
    found.sort((a, b) => compareLabels(a.labels, b.labels));
    return found.map(({ labels, values }) => {
      const points = [...values].sort(([a], [b]) => a - b);
      const timestamps = Float64Array.from(points, ([time]) => time);
      return { labels, floats: { timestamps, values: Float64Array.from(points, ([, value]) => value) } };
    });
  }
}

/** NaN is the smallest and the largest of values that has no other, as `min` and `max` have it. */
function combined(a: number, b: number, combine: Combine | undefined): number {
  if (combine === 'sum') return a + b;
  if (Number.isNaN(a)) return b;
  if (Number.isNaN(b)) return a;
  return combine === 'min' ? Math.min(a, b) : Math.max(a, b);
}
