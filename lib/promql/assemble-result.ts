import { compareLabels, Labels } from '../model/labels.ts';
import { dropNames } from './drop-names.ts';
import type { FloatHistogram } from './float-histogram.ts';
import { Window } from './functions/window.ts';
import type { QueryFeature } from './query-options.ts';
import type { QueryData, ResultSample, ResultSeries } from './result.ts';
import {
  ABSENT,
  FLOAT,
  type Grid,
  HISTOGRAM,
  type MatrixValue,
  type RangeSeries,
  type Value,
  type VectorSeries,
  type VectorValue,
} from './value.ts';

const NO_TIMES = new Float64Array(0);

/** The answer to an instant query. @throws ExecutionError where dropped names leave two series the same. */
export function instantResult(value: Value, grid: Grid, features: ReadonlySet<QueryFeature>): QueryData {
  const timestamp = grid.start;
  switch (value.kind) {
    case 'scalar':
      return { kind: 'scalar', timestamp, value: value.values[0] as number };
    case 'string':
      return { kind: 'string', timestamp, value: value.value };
    case 'vector':
      return { kind: 'vector', samples: vectorSamples(dropNames(value, features), timestamp) };
    case 'matrix':
      return { kind: 'matrix', series: windowSeries(value) };
  }
}

/** The answer to a range query. @throws ExecutionError where dropped names leave two series the same. */
export function rangeResult(value: Value, grid: Grid, features: ReadonlySet<QueryFeature>): QueryData {
  if (value.kind === 'vector') {
    const { series } = dropNames(value, features);
    const times = timesOf(grid);
    return { kind: 'matrix', series: series.flatMap((one) => pointsOf(one, times)).sort(byLabels) };
  }
  if (value.kind !== 'scalar') throw new Error(`BUG: a range query evaluated to a ${value.kind}`);
  const { values } = value;
  const labels = Labels.empty;
  return {
    kind: 'matrix',
    series: [{ labels, timestamps: timesOf(grid), values, histogramTimestamps: NO_TIMES, histograms: [] }],
  };
}

/** The time of each step, ms. */
function timesOf({ start, step, length }: Grid): Float64Array {
  const times = new Float64Array(length);
  for (let i = 0; i < length; i++) times[i] = start + i * step;
  return times;
}

function vectorSamples({ series, ordered }: VectorValue, timestamp: number): ResultSample[] {
  const samples = series.flatMap(({ labels, kinds, floats, histograms }): ResultSample[] => {
    if (kinds[0] === FLOAT) return [{ labels, timestamp, value: floats[0] as number }];
    const histogram = histograms?.[0];
    return kinds[0] === HISTOGRAM && histogram !== undefined ? [{ labels, timestamp, value: histogram }] : [];
  });
  return ordered ? samples : samples.sort(byLabels);
}

function pointsOf(series: VectorSeries, times: Float64Array): ResultSeries[] {
  const { labels, kinds, floats, histograms: column } = series;
  if (column === undefined) return floatPoints(series, times);
  const timestamps: number[] = [];
  const values: number[] = [];
  const histogramTimestamps: number[] = [];
  const histograms: FloatHistogram[] = [];
  for (let step = 0; step < kinds.length; step++) {
    if (kinds[step] === ABSENT) continue;
    const time = times[step] as number;
    const histogram = kinds[step] === HISTOGRAM ? column[step] : undefined;
    if (histogram === undefined) {
      timestamps.push(time);
      values.push(floats[step] as number);
    } else {
      histogramTimestamps.push(time);
      histograms.push(histogram);
    }
  }
  if (timestamps.length + histograms.length === 0) return [];
  return [
    {
      labels,
      timestamps: new Float64Array(timestamps),
      values: new Float64Array(values),
      histogramTimestamps: new Float64Array(histogramTimestamps),
      histograms,
    },
  ];
}

/** The series of most answers, which hold no histograms. One without gaps needs no arrays of its own. */
function floatPoints({ labels, kinds, floats }: VectorSeries, times: Float64Array): ResultSeries[] {
  let count = 0;
  for (let step = 0; step < kinds.length; step++) if (kinds[step] !== ABSENT) count++;
  if (count === 0) return [];
  const rest = { histogramTimestamps: NO_TIMES, histograms: [] };
  if (count === kinds.length) return [{ labels, timestamps: times, values: floats, ...rest }];
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  for (let step = 0, point = 0; step < kinds.length; step++) {
    if (kinds[step] === ABSENT) continue;
    timestamps[point] = times[step] as number;
    values[point++] = floats[step] as number;
  }
  return [{ labels, timestamps, values, ...rest }];
}

/** The raw samples of the one window of an instant query. */
function windowSeries({ series, range, ends }: MatrixValue): ResultSeries[] {
  const end = ends[0] as number;
  return series.flatMap((one) => samplesIn(one, end - range, end)).sort(byLabels);
}

function samplesIn(series: RangeSeries, start: number, end: number): ResultSeries[] {
  const { labels, histogramTimestamps = NO_TIMES, histograms = [] } = series;
  const floats = windowAt(series.timestamps, start, end);
  const others = windowAt(histogramTimestamps, start, end);
  if (floats.size + others.size === 0) return [];
  return [
    {
      labels,
      timestamps: series.timestamps.slice(floats.first, floats.last),
      values: series.floats.slice(floats.first, floats.last),
      histogramTimestamps: histogramTimestamps.slice(others.first, others.last),
      histograms: histograms.slice(others.first, others.last),
    },
  ];
}

function windowAt(timestamps: Float64Array, start: number, end: number): Window {
  const window = new Window(timestamps);
  window.moveTo(start, end);
  return window;
}

function byLabels(a: { readonly labels: ResultSeries['labels'] }, b: { readonly labels: ResultSeries['labels'] }) {
  return compareLabels(a.labels, b.labels);
}
