import type { Histogram } from '../../model/histogram.ts';
import { Labels } from '../../model/labels.ts';
import { toWireHistogram } from '../../promql/histogram/convert.ts';
import type { QueryOptions } from '../../promql/query-options.ts';
import type { QueryData, QueryResult, ResultSample } from '../../promql/result.ts';
import { StorageUnavailableError } from '../../storage/errors.ts';
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
  /** At times of their own, ascending. */
  readonly histograms: readonly Histogram[];
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
 * fails, time by time, so that an error at one time costs that time only. A store that cannot be read now is no error of the
 * rule: the times have to be evaluated again, or their results would be missing for good.
 *
 * @throws StorageUnavailableError
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
    } catch (error) {
      if (error instanceof StorageUnavailableError) throw error;
      // The times that fail say so themselves below.
    }
  }
  return askEach(engine, querier, expr, times);
}

async function askEach(engine: RuleEngine, querier: Querier, expr: string, times: readonly number[]): Promise<Answer> {
  const series = new Map<string, AnswerSeries & { timestamps: number[]; values: number[]; histograms: Histogram[] }>();
  const failed = new Map<number, string>();
  for (const time of times) {
    try {
      const { data } = await engine.instantQuery(querier, expr, time);
      for (const { labels, value } of samplesOf(data)) {
        const known = series.get(labels.key) ?? { labels, timestamps: [], values: [], histograms: [] };
        series.set(labels.key, known);
        if (typeof value === 'number') {
          known.timestamps.push(time);
          known.values.push(value);
        } else known.histograms.push(toWireHistogram(value, time));
      }
    } catch (error) {
      if (error instanceof StorageUnavailableError) throw error;
      failed.set(time, (error as Error).message);
    }
  }
  return { series: [...series.values()], failed };
}

function ofMatrix(data: QueryData): readonly AnswerSeries[] {
  if (data.kind !== 'matrix') throw new Error(`BUG: a range query gave a ${data.kind}`);
  return data.series.map(({ labels, timestamps, values, histogramTimestamps, histograms }) => ({
    labels,
    timestamps,
    values,
    histograms: histograms.map((one, i) => toWireHistogram(one, histogramTimestamps[i] as number)),
  }));
}

function samplesOf(data: QueryData): readonly Pick<ResultSample, 'labels' | 'value'>[] {
  if (data.kind === 'vector') return data.samples;
  if (data.kind === 'scalar') return [{ labels: Labels.empty, value: data.value }];
  throw new Error('rule result is not a vector or scalar');
}
