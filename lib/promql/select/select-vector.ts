import { isStaleNaN } from '../../model/stale-marker.ts';
import type { Segment } from '../../storage/interface.ts';
import type { VectorSelector } from '../ast.ts';
import type { Evaluation } from '../evaluation.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { type Column, ColumnBlock } from '../functions/column.ts';
import { referenceTimes } from '../reference-times.ts';
import { FLOAT, type Grid, HISTOGRAM, type VectorSeries, type VectorValue } from '../value.ts';
import { heldTimes } from './held-times.ts';
import type { LoadedSeries } from './loaded-series.ts';
import { selectSmoothed } from './select-smoothed.ts';

/** Which times of the samples found the caller wants beside their values. */
export type WantedTimes = 'none' | 'sample' | 'start';

/**
 * An instant-vector selector over a grid: at each step the latest sample in (t - lookback, t], unless it is a stale
 * marker.
 */
export function selectVector(
  selector: VectorSelector,
  grid: Grid,
  evaluation: Evaluation,
  wanted: WantedTimes = 'none',
): VectorValue {
  if (selector.extension === 'smoothed') return selectSmoothed(selector, grid, evaluation);
  return selectVectorAt(selector, referenceTimes(selector, grid), evaluation, wanted);
}

/** A selector at the times given, ms ascending. */
export function selectVectorAt(
  selector: VectorSelector,
  times: Float64Array,
  evaluation: Evaluation,
  wanted: WantedTimes,
): VectorValue {
  const { series } = evaluation.loaded.of(selector);
  evaluation.budget.expect(series.length * times.length);
  const found: VectorSeries[] = [];
  const columns = new ColumnBlock(series.length, times.length);
  const held = new Map<readonly Segment[], Float64Array>();
  for (const one of series) {
    evaluation.interruption.poll();
    const column = newColumn(columns.next(), wanted);
    const count = fillColumn(column, one, timesOf(one, times, held), evaluation.lookbackDelta);
    if (count === 0) continue;
    evaluation.budget.hold(count);
    evaluation.budget.see(count);
    found.push(toSeries(one, column, wanted));
  }
  return { kind: 'vector', series: found };
}

/** Where to look at a series; `held` remembers it for the others that were answered from the same windows. */
function timesOf(
  { downsampled }: LoadedSeries,
  times: Float64Array,
  held: Map<readonly Segment[], Float64Array>,
): Float64Array {
  if (downsampled === undefined) return times;
  const known = held.get(downsampled.segments) ?? heldTimes(times, downsampled.segments);
  held.set(downsampled.segments, known);
  return known;
}

interface SelectedColumn {
  readonly kinds: Uint8Array;
  readonly floats: Float64Array;
  /** Times of the samples found, or their start times; filled only where wanted. */
  readonly times: Float64Array | undefined;
  readonly startTimes: boolean;
  histograms: (FloatHistogram | undefined)[] | undefined;
}

function newColumn({ kinds, floats }: Column, wanted: WantedTimes): SelectedColumn {
  return {
    kinds,
    floats,
    times: wanted === 'none' ? undefined : new Float64Array(kinds.length),
    startTimes: wanted === 'start',
    histograms: undefined,
  };
}

function toSeries({ labels }: LoadedSeries, column: SelectedColumn, wanted: WantedTimes): VectorSeries {
  const { kinds, floats, times, histograms } = column;
  const base = { labels, dropName: false, kinds, floats, ...(histograms && { histograms }) };
  if (times === undefined) return base;
  return wanted === 'start' ? { ...base, startTimestamps: times } : { ...base, sampleTimestamps: times };
}

/** @returns how many steps found a sample. */
function fillColumn(column: SelectedColumn, series: LoadedSeries, times: Float64Array, lookback: number): number {
  return series.histograms.length === 0 && column.times === undefined
    ? fillFloats(column, series, times, lookback)
    : fillMixed(column, series, times, lookback);
}

/** The common case: floats alone, values alone. */
function fillFloats({ kinds, floats }: SelectedColumn, series: LoadedSeries, times: Float64Array, lookback: number) {
  const { timestamps, values } = series;
  let next = 0;
  let count = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    while (next < timestamps.length && (timestamps[next] as number) <= time) next++;
    if (next === 0 || (timestamps[next - 1] as number) <= time - lookback) continue;
    const value = values[next - 1] as number;
    if (Number.isNaN(value) && isStaleNaN(value)) continue;
    kinds[i] = FLOAT;
    floats[i] = value;
    count++;
  }
  return count;
}

function fillMixed(column: SelectedColumn, series: LoadedSeries, times: Float64Array, lookback: number): number {
  const { timestamps, histogramTimestamps } = series;
  let float = 0;
  let histogram = 0;
  let count = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    while (float < timestamps.length && (timestamps[float] as number) <= time) float++;
    while (histogram < histogramTimestamps.length && (histogramTimestamps[histogram] as number) <= time) histogram++;
    const floatTime = timestamps[float - 1] ?? Number.NEGATIVE_INFINITY;
    const histogramTime = histogramTimestamps[histogram - 1] ?? Number.NEGATIVE_INFINITY;
    if (Math.max(floatTime, histogramTime) <= time - lookback) continue;
    const filled =
      histogramTime > floatTime
        ? setHistogram(column, i, series, histogram - 1)
        : setFloat(column, i, series, float - 1);
    if (filled) count++;
  }
  return count;
}

function setFloat(column: SelectedColumn, step: number, series: LoadedSeries, index: number): boolean {
  const value = series.values[index] as number;
  if (isStaleNaN(value)) return false;
  column.kinds[step] = FLOAT;
  column.floats[step] = value;
  if (column.times) column.times[step] = (column.startTimes ? series.startTimestamps : series.timestamps)?.[index] ?? 0;
  return true;
}

function setHistogram(column: SelectedColumn, step: number, series: LoadedSeries, index: number): boolean {
  const histogram = series.histograms[index] as FloatHistogram;
  if (isStaleNaN(histogram.sum)) return false;
  column.histograms ??= new Array(column.kinds.length).fill(undefined);
  column.kinds[step] = HISTOGRAM;
  column.histograms[step] = histogram;
  const source = column.startTimes ? series.histogramStartTimestamps : series.histogramTimestamps;
  if (column.times) column.times[step] = source?.[index] ?? 0;
  return true;
}
