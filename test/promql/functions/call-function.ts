import { Labels } from '../../../lib/model/labels.ts';
import type { Matcher } from '../../../lib/model/matcher.ts';
import { Annotations } from '../../../lib/promql/annotations.ts';
import type { FloatHistogram } from '../../../lib/promql/float-histogram.ts';
import type { FunctionCall } from '../../../lib/promql/function-call.ts';
import { FUNCTIONS } from '../../../lib/promql/functions/registry.ts';
import {
  ABSENT,
  FLOAT,
  type Grid,
  HISTOGRAM,
  type MatrixValue,
  type RangeSeries,
  type ScalarValue,
  type StringValue,
  type Value,
  type VectorSeries,
  type VectorValue,
} from '../../../lib/promql/value.ts';

/** What stands at a step of a series under test: nothing, a float or a histogram. */
export type Cell = undefined | number | FloatHistogram;

export interface Answer {
  readonly value: Value;
  /** Cells of each series by its labels as text. */
  readonly cells: Readonly<Record<string, readonly Cell[]>>;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** Calls a function by name; the grid has as many steps as the longest argument column, from 0 on, 1 s apart. */
export function callFunction(name: string, args: readonly Value[], extra: Partial<FunctionCall> = {}): Answer {
  const annotations = new Annotations();
  const positions = args.map((_, i) => ({ start: 10 * i, end: 10 * i + 1 }));
  const value = functionNamed(name)({
    grid: extra.grid ?? gridOf(Math.max(1, ...args.map(columnLength))),
    args,
    argPositions: positions,
    position: { start: 0, end: 1 },
    argMetricNames: args.map(() => ''),
    annotations,
    ...extra,
  });
  return { value, cells: cellsOf(value), ...annotations.render(' '.repeat(100)) };
}

export function gridOf(length: number, start = 0, step = 1000): Grid {
  return { start, end: start + (length - 1) * step, step, length };
}

export function scalar(...values: number[]): ScalarValue {
  return { kind: 'scalar', values: Float64Array.from(values) };
}

export function text(value: string): StringValue {
  return { kind: 'string', value };
}

/** A vector from `{labels: cells}`; a key is a metric name, or labels as `name{a=b,c=d}`. */
export function vector(series: Readonly<Record<string, readonly Cell[]>>): VectorValue {
  return { kind: 'vector', series: Object.entries(series).map(([key, cells]) => vectorSeries(key, cells)) };
}

/** A range vector of one series; samples are `[seconds, value]`, windows end at `ends` seconds. */
export function matrix(
  samples: readonly (readonly [number, number | FloatHistogram])[],
  rangeSeconds: number,
  endSeconds: readonly number[],
  more: Partial<MatrixValue> = {},
  moreOfSeries: Partial<RangeSeries> = {},
): MatrixValue {
  return {
    kind: 'matrix',
    series: [{ ...rangeSeries('metric_total{a=b}', samples), ...moreOfSeries }],
    range: rangeSeconds * 1000,
    ends: Float64Array.from(endSeconds, (seconds) => seconds * 1000),
    ...more,
  };
}

export function rangeSeries(
  key: string,
  samples: readonly (readonly [number, number | FloatHistogram])[],
): RangeSeries {
  const floats = samples.filter((sample): sample is readonly [number, number] => typeof sample[1] === 'number');
  const histograms = samples.filter(
    (sample): sample is readonly [number, FloatHistogram] => typeof sample[1] !== 'number',
  );
  const times = (list: readonly (readonly [number, unknown])[]) =>
    Float64Array.from(list, ([seconds]) => seconds * 1000);
  return {
    labels: labelsOf(key),
    dropName: false,
    timestamps: times(floats),
    floats: Float64Array.from(floats, ([, value]) => value),
    histogramTimestamps: times(histograms),
    histograms: histograms.map(([, histogram]) => histogram),
  };
}

export function labelsOf(key: string): Labels {
  const [, name = '', body = ''] = /^([^{]*)(?:\{(.*)\})?$/.exec(key) ?? [];
  const pairs = body === '' ? [] : body.split(',').map((pair) => pair.split('=') as [string, string]);
  return Labels.from({ __name__: name, ...Object.fromEntries(pairs) });
}

/** The only series' cells. */
export function onlyCells(answer: Answer): readonly Cell[] {
  const all = Object.values(answer.cells);
  if (all.length !== 1 || all[0] === undefined) throw new Error(`expected one series, got ${all.length}`);
  return all[0];
}

export function matchers(...list: Matcher[]): Pick<FunctionCall, 'argMatchers'> {
  return { argMatchers: [list] };
}

function functionNamed(name: string) {
  const found = FUNCTIONS.get(name);
  if (found === undefined) throw new Error(`no function ${name}`);
  return found.evaluate;
}

function columnLength(value: Value): number {
  if (value.kind === 'scalar') return value.values.length;
  if (value.kind === 'matrix') return value.ends.length;
  return value.kind === 'vector' ? (value.series[0]?.kinds.length ?? 1) : 1;
}

function vectorSeries(key: string, cells: readonly Cell[]): VectorSeries {
  const histograms = cells.map((cell) => (typeof cell === 'object' ? cell : undefined));
  const base = {
    labels: labelsOf(key),
    dropName: false,
    kinds: Uint8Array.from(cells, (cell) =>
      cell === undefined ? ABSENT : typeof cell === 'number' ? FLOAT : HISTOGRAM,
    ),
    floats: Float64Array.from(cells, (cell) => (typeof cell === 'number' ? cell : 0)),
  };
  return histograms.some((histogram) => histogram !== undefined) ? { ...base, histograms } : base;
}

function cellsOf(value: Value): Record<string, Cell[]> {
  if (value.kind !== 'vector') return {};
  return Object.fromEntries(value.series.map((series) => [nameless(series), cellsOfSeries(series)]));
}

function nameless({ labels, dropName }: VectorSeries): string {
  return (dropName ? labels.withoutMetricName() : labels).toString();
}

function cellsOfSeries(series: VectorSeries): Cell[] {
  return Array.from(series.kinds, (kind, step) => {
    if (kind === ABSENT) return undefined;
    return kind === FLOAT ? series.floats[step] : series.histograms?.[step];
  });
}
