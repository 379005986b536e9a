import type { Labels } from '../../model/labels.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import type { Series } from '../../storage/interface.ts';

/** One sample that differs. */
export interface ValueExample {
  readonly series: string;
  /** ms. */
  readonly time: number;
  readonly before: number;
  readonly after: number;
  /** The difference by the larger of the two. */
  readonly relative: number;
}

/** How the series of a rule differ between two ways of making them. */
export interface OutputDifference {
  readonly before: number;
  readonly after: number;
  /** Examples of series that only one of the two has. */
  readonly gone: readonly string[];
  readonly come: readonly string[];
  /** Samples that both have, at equal times. */
  readonly compared: number;
  readonly different: number;
  readonly maxRelative: number;
  readonly meanRelative: number;
  /** The largest differences, one a series. */
  readonly examples: readonly ValueExample[];
}

const MAX_EXAMPLES = 3;

export function compareOutputs(before: readonly Series[], after: readonly Series[]): OutputDifference {
  const old = new Map(before.map((series) => [series.labels.key, series]));
  const now = new Set(after.map(({ labels }) => labels.key));
  const come = after.filter(({ labels }) => !old.has(labels.key));
  const gone = before.filter(({ labels }) => !now.has(labels.key));
  const pairs = after.flatMap((series) => {
    const other = old.get(series.labels.key);
    return other === undefined ? [] : [compareSeries(series.labels, other, series)];
  });
  const compared = sum(pairs, (pair) => pair.compared);
  const examples = pairs.flatMap(({ worst }) => (worst === undefined ? [] : [worst]));
  examples.sort((a, b) => b.relative - a.relative);
  return {
    before: before.length,
    after: after.length,
    gone: gone.slice(0, MAX_EXAMPLES).map(({ labels }) => labels.toString()),
    come: come.slice(0, MAX_EXAMPLES).map(({ labels }) => labels.toString()),
    compared,
    different: sum(pairs, (pair) => pair.different),
    maxRelative: examples[0]?.relative ?? 0,
    meanRelative: compared === 0 ? 0 : sum(pairs, (pair) => pair.total) / compared,
    examples: examples.slice(0, MAX_EXAMPLES),
  };
}

interface PairDifference {
  readonly compared: number;
  readonly different: number;
  readonly total: number;
  readonly worst: ValueExample | undefined;
}

function compareSeries(labels: Labels, before: Series, after: Series): PairDifference {
  const old = new Map(Array.from(before.floats.timestamps, (time, i) => [time, i]));
  let [compared, different, total] = [0, 0, 0];
  let worst: ValueExample | undefined;
  for (const [i, time] of after.floats.timestamps.entries()) {
    const at = old.get(time);
    if (at === undefined) continue;
    const a = before.floats.values[at] as number;
    const b = after.floats.values[i] as number;
    if (isStaleNaN(a) && isStaleNaN(b)) continue;
    const relative = relativeDifference(a, b);
    compared++;
    total += relative;
    if (relative === 0) continue;
    different++;
    if (worst === undefined || relative > worst.relative) {
      worst = { series: labels.toString(), time, before: a, after: b, relative };
    }
  }
  return { compared, different, total, worst };
}

/** 0 for equal values, 1 where one of them is 0, NaN or infinite and the other is not; up to 2 for opposite signs. */
export function relativeDifference(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const larger = Math.max(Math.abs(a), Math.abs(b));
  const relative = Math.abs(a - b) / larger;
  return Number.isFinite(relative) ? relative : 1;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
