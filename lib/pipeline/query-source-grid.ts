import { compareLabels, type Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { Combine } from '../plan/push-down-read.ts';
import type { FloatHistogram } from '../promql/float-histogram.ts';
import { addHistograms } from '../promql/histogram/arithmetic.ts';
import { toWireHistogram } from '../promql/histogram/convert.ts';
import { IncompatibleHistogramsError } from '../promql/histogram/incompatible.ts';
import type { HistogramColumn, Series } from '../storage/interface.ts';
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

/** What a series has at one time. */
export type GridValue = number | FloatHistogram;

/** Series that have a value at some times of a run and nothing anywhere else. */
export class GridSeries {
  readonly #series = new Map<string, { readonly labels: Labels; readonly values: Map<number, GridValue> }>();

  /** Adds a value; where there is one already it is combined, or refused (false) where the two cannot be. */
  add(labels: Labels, time: number, value: GridValue, combine?: Combine): boolean {
    let series = this.#series.get(labels.key);
    if (series === undefined) {
      series = { labels, values: new Map() };
      this.#series.set(labels.key, series);
    }
    const known = series.values.get(time);
    const next = known === undefined ? value : combined(known, value, combine);
    if (next !== undefined) series.values.set(time, next);
    return next !== undefined;
  }

  /** In the order of labels, as a querier gives them. */
  select(matchers: readonly Matcher[] = []): Series[] {
    const found = [...this.#series.values()].filter(({ labels }) => matchLabels(labels, matchers));
    found.sort((a, b) => compareLabels(a.labels, b.labels));
    return found.map(({ labels, values }) => {
      const points = [...values].sort(([a], [b]) => a - b);
      const floats = points.filter((point): point is [number, number] => typeof point[1] === 'number');
      const timestamps = Float64Array.from(floats, ([time]) => time);
      const histograms = histogramsOf(points);
      return {
        labels,
        floats: { timestamps, values: Float64Array.from(floats, ([, value]) => value) },
        ...(histograms.timestamps.length > 0 && { histograms }),
      };
    });
  }
}

function histogramsOf(points: readonly (readonly [time: number, value: GridValue])[]): HistogramColumn {
  const histograms = points.flatMap(([time, value]) => (typeof value === 'number' ? [] : toWireHistogram(value, time)));
  return { timestamps: Float64Array.from(histograms, ({ timestamp }) => timestamp), histograms };
}

/** Undefined where the two cannot become one: a float and a histogram, or the larger of two histograms. */
function combined(a: GridValue, b: GridValue, combine: Combine | undefined): GridValue | undefined {
  if (combine === undefined) return undefined;
  if (typeof a === 'number' && typeof b === 'number') return combinedFloats(a, b, combine);
  if (typeof a === 'number' || typeof b === 'number' || combine !== 'sum') return undefined;
  try {
    return addHistograms(a, b).histogram;
  } catch (error) {
    if (error instanceof IncompatibleHistogramsError) return undefined;
    throw error;
  }
}

/** NaN is the smallest and the largest of values that has no other, as `min` and `max` have it. */
function combinedFloats(a: number, b: number, combine: Combine): number {
  if (combine === 'sum') return a + b;
  if (Number.isNaN(a)) return b;
  if (Number.isNaN(b)) return a;
  return combine === 'min' ? Math.min(a, b) : Math.max(a, b);
}
