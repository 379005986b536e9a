import { Labels } from '../../model/labels.ts';
import type { QueryOptions } from '../../promql/query-options.ts';
import type { QueryData, QueryResult, ResultSample, ResultSeries } from '../../promql/result.ts';
import type { Querier } from '../../storage/interface.ts';

/** What rules ask of a PromQL engine (`lib/promql/engine.ts`). */
export interface RuleEngine {
  instantQuery(querier: Querier, query: string, time: number, options?: QueryOptions): Promise<QueryResult>;
  rangeQuery(
    querier: Querier,
    query: string,
    range: { readonly start: number; readonly end: number; readonly step: number },
    options?: QueryOptions,
  ): Promise<QueryResult>;
}

/** One series of an expression over several times: ms, ascending, and values. */
export interface AnswerSeries {
  readonly labels: Labels;
  readonly timestamps: readonly number[] | Float64Array;
  readonly values: readonly number[] | Float64Array;
}

/** The values of an expression at several times, and the times (ms) at which it had none because of an error. */
export interface Answer {
  readonly series: readonly AnswerSeries[];
  readonly failed: ReadonlyMap<number, string>;
}

export interface Question {
  readonly expr: string;
  /** ms, ascending and at equal distances; not empty. */
  readonly times: readonly number[];
  readonly allowsRange: boolean;
}

/**
 * Evaluates an expression at all times: in one range query where that gives the same, else, or when the range query
 * fails, time by time, so that an error at one time costs that time only.
 */
export async function askRule(engine: RuleEngine, querier: Querier, question: Question): Promise<Answer> {
  const { expr, times, allowsRange } = question;
  const [start, second] = times;
  const end = times.at(-1);
  if (start === undefined || end === undefined) throw new Error('BUG: a rule without evaluation times');
  if (allowsRange && second !== undefined) {
    try {
      const { data } = await engine.rangeQuery(querier, expr, { start, end, step: second - start });
      return { series: ofMatrix(data), failed: new Map() };
    } catch {
      // The times that fail say so themselves below.
    }
  }
  return askEach(engine, querier, expr, times);
}

async function askEach(engine: RuleEngine, querier: Querier, expr: string, times: readonly number[]): Promise<Answer> {
  const series = new Map<string, { labels: Labels; timestamps: number[]; values: number[] }>();
  const failed = new Map<number, string>();
  for (const time of times) {
    try {
      const { data } = await engine.instantQuery(querier, expr, time);
      for (const { labels, value } of floatsOf(data)) {
        const known = series.get(labels.key) ?? { labels, timestamps: [], values: [] };
        series.set(labels.key, known);
        known.timestamps.push(time);
        known.values.push(value);
      }
    } catch (error) {
      failed.set(time, (error as Error).message);
    }
  }
  return { series: [...series.values()], failed };
}

function ofMatrix(data: QueryData): readonly ResultSeries[] {
  if (data.kind !== 'matrix') throw new Error(`BUG: a range query gave a ${data.kind}`);
  for (const { labels, histograms } of data.series) if (histograms.length > 0) throw histogramError(labels);
  return data.series;
}

function floatsOf(data: QueryData): readonly { readonly labels: Labels; readonly value: number }[] {
  if (data.kind === 'vector') return data.samples.map(floatOf);
  if (data.kind === 'scalar') return [{ labels: Labels.empty, value: data.value }];
  throw new Error('rule result is not a vector or scalar');
}

function floatOf({ labels, value }: ResultSample): { readonly labels: Labels; readonly value: number } {
  if (typeof value !== 'number') throw histogramError(labels);
  return { labels, value };
}

function histogramError(labels: Labels): Error {
  return new Error(`cannot store ${labels}: it is a native histogram, and results of rules are stored as floats only`);
}
