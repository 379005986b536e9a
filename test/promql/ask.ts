import type { Histogram } from '../../lib/model/histogram.ts';
import { Labels } from '../../lib/model/labels.ts';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { FloatHistogram } from '../../lib/promql/float-histogram.ts';
import { parseExpr } from '../../lib/promql/parse.ts';
import type { EngineOptions, QueryFeature } from '../../lib/promql/query-options.ts';
import type { QueryResult } from '../../lib/promql/result.ts';
import type { Querier, Series } from '../../lib/storage/interface.ts';
import { ColumnQuerier } from './column-querier.ts';

export const MINUTE = 60_000;

/** A sample of test data: nothing, a float, a stale marker, or a histogram of one bucket. */
export type Cell = null | number | 'stale' | Histogram;

/** Series by their selector text, one sample a minute from time 0. */
export type Data = Readonly<Record<string, readonly Cell[]>>;

/** A result: floats as they are, histograms as `count/sum`, null where nothing stands. */
export type Answer = Readonly<Record<string, readonly (number | string | null)[]>>;

export const EXPERIMENTAL: ReadonlySet<QueryFeature> = new Set<QueryFeature>([
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
]);

const DEFAULT_OPTIONS: Partial<EngineOptions> = { features: EXPERIMENTAL };

/** The value of a query at a minute; for a vector one cell a series, in the order of the result. */
export async function askAt(data: Data, query: string, minute: number, options = DEFAULT_OPTIONS): Promise<Answer> {
  const { data: result } = await askResult(data, query, minute, options);
  if (result.kind === 'scalar' || result.kind === 'string') return { [result.kind]: [result.value] };
  if (result.kind !== 'vector') throw new Error(`${query} is a ${result.kind}`);
  return Object.fromEntries(result.samples.map(({ labels, value }) => [String(labels), [shown(value)]]));
}

/** The values of a query at every minute from 0 to `last`. */
export async function askRange(data: Data, query: string, last: number, options = DEFAULT_OPTIONS): Promise<Answer> {
  const range = { start: 0, end: last * MINUTE, step: MINUTE };
  const { data: result } = await new Engine(options).rangeQuery(querierOf(data), query, range);
  if (result.kind !== 'matrix') throw new Error(`${query} is a ${result.kind}`);
  return Object.fromEntries(
    result.series.map(({ labels, timestamps, values, histogramTimestamps, histograms }) => {
      const cells = new Array<number | string | null>(last + 1).fill(null);
      for (const [i, time] of timestamps.entries()) cells[time / MINUTE] = values[i] as number;
      for (const [i, time] of histogramTimestamps.entries())
        cells[time / MINUTE] = shown(histograms[i] as FloatHistogram);
      return [String(labels), cells];
    }),
  );
}

export function askResult(data: Data, query: string, minute: number, options = DEFAULT_OPTIONS): Promise<QueryResult> {
  return new Engine(options).instantQuery(querierOf(data), query, minute * MINUTE);
}

export function querierOf(data: Data): Querier {
  return new ColumnQuerier(Object.entries(data).map(([selector, cells]) => seriesOf(labelsOf(selector), cells)));
}

/** A histogram with one bucket, (0.5, 1], and an optional zero bucket. */
export function histogram(count: number, sum = count): Histogram {
  return {
    timestamp: 0,
    isFloat: true,
    schema: 0,
    count,
    sum,
    zeroThreshold: 0,
    zeroCount: 0,
    resetHint: 'unknown',
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveDeltas: [],
    positiveCounts: [count],
    negativeSpans: [],
    negativeDeltas: [],
    negativeCounts: [],
    customValues: [],
  };
}

/** A histogram with custom bounds 1 and 2. */
export function customHistogram(count: number): Histogram {
  return { ...histogram(count), schema: -53, customValues: [1, 2] };
}

function labelsOf(selector: string): Labels {
  const expr = parseExpr(selector);
  if (expr.kind !== 'vectorSelector') throw new Error(`${selector} is no selector`);
  return Labels.from(expr.matchers);
}

function seriesOf(labels: Labels, cells: readonly Cell[]): Series {
  const timed = cells.map((cell, i) => ({ cell: cell === 'stale' ? STALE_NAN : cell, time: i * MINUTE }));
  const floats = timed.flatMap(({ cell, time }) => (typeof cell === 'number' ? [{ value: cell, time }] : []));
  const others = timed.flatMap(({ cell, time }) =>
    typeof cell === 'object' && cell !== null ? [{ ...cell, timestamp: time }] : [],
  );
  const values = new Float64Array(floats.length);
  for (const [i, { value }] of floats.entries()) values[i] = value;
  return {
    labels,
    floats: { timestamps: Float64Array.from(floats, ({ time }) => time), values },
    ...(others.length > 0 && {
      histograms: { timestamps: Float64Array.from(others, ({ timestamp }) => timestamp), histograms: others },
    }),
  };
}

function shown(value: number | FloatHistogram): number | string {
  return typeof value === 'number' ? value : `${value.count}/${value.sum}`;
}
