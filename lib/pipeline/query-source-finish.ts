import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { PushDown, PushedRule } from '../plan/push-down.ts';
import { type PushedRead, READ_LABEL } from '../plan/push-down-read.ts';
import type { Engine } from '../promql/engine.ts';
import { toFloatHistogram } from '../promql/histogram/convert.ts';
import type { ResultSeries } from '../promql/result.ts';
import { histogramOfAnswer } from '../remote/histogram-of-answer.ts';
import type { AnsweredSeries } from '../remote/query-answer.ts';
import type { Querier, Series } from '../storage/interface.ts';
import type { Fault } from './query-source-fault.ts';
import { GridSeries, type GridValue, type RunTimes } from './query-source-grid.ts';

/** What a server said to one question: the series, or why there are none. */
export type QueryOutcome =
  | { readonly kind: 'answered'; readonly series: readonly AnsweredSeries[] }
  | { readonly kind: 'failed'; readonly fault: Fault };

/** What a rule gave at the times of a run. */
export type RuleOutcome =
  | { readonly rule: PushedRule; readonly kind: 'computed'; readonly series: readonly Series[] }
  | { readonly rule: PushedRule; readonly kind: 'failed'; readonly fault: Fault };

/** Something that was answered and is not used. */
export interface Dropped {
  readonly reason: string;
  readonly series: Labels;
  readonly detail: string;
  /** Of its samples, ms. */
  readonly times: readonly number[];
  /** Of the query it was an answer to; absent for what a rule gave. Several rules may drop one answer. */
  readonly query?: number;
}

export type OnDrop = (dropped: Dropped) => void;

/**
 * Computes the pushed rules from the server's answers, in their order, at all times of a run. A rule with one answer
 * missing fails as a whole, and so does what reads it: a sum of half the requests is worse than none.
 *
 * @param outcomes one for each query of `pushDown`.
 */
export async function finishRules(
  pushDown: Pick<PushDown, 'rules' | 'queries'>,
  outcomes: readonly QueryOutcome[],
  times: RunTimes,
  engine: Engine,
  onDrop: OnDrop,
): Promise<readonly RuleOutcome[]> {
  const results = new GridSeries();
  const failed = new Set<string>();
  const finished: RuleOutcome[] = [];
  for (const rule of pushDown.rules) {
    const outcome = await finishRule(rule, { outcomes, times, engine, onDrop, results, failed });
    if (outcome.kind === 'failed') failed.add(rule.rule.record);
    else keep(outcome.series, results);
    finished.push(outcome);
  }
  return finished;
}

interface Finish {
  readonly outcomes: readonly QueryOutcome[];
  readonly times: RunTimes;
  readonly engine: Engine;
  readonly onDrop: OnDrop;
  /** What the rules before gave. */
  readonly results: GridSeries;
  readonly failed: ReadonlySet<string>;
}

async function finishRule(rule: PushedRule, finish: Finish): Promise<RuleOutcome> {
  const missing = rule.after.find((record) => finish.failed.has(record));
  if (missing !== undefined) return failure(rule, 'query_failed: depends', `it reads ${missing}, which failed`);
  for (const { query } of rule.reads.flatMap(({ questions }) => questions)) {
    const outcome = finish.outcomes[query];
    if (outcome === undefined) throw new Error(`BUG: query ${query} of ${rule.rule.record} was never asked`);
    if (outcome.kind === 'failed') return { rule, kind: 'failed', fault: outcome.fault };
  }
  const reads = new Map(rule.reads.map((read) => [read.key, fillRead(read, finish)]));
  try {
    const querier = new ReadQuerier(reads, finish.results);
    const { data } = await finish.engine.rangeQuery(querier, rule.expr, finish.times, { lookbackDelta: EXACTLY });
    if (data.kind !== 'matrix') throw new Error(`BUG: a range query gives a ${data.kind}`);
    return recorded(rule, data.series);
  } catch (error) {
    if (error instanceof Error && /^BUG/.test(error.message)) throw error;
    return failure(rule, 'query_failed: evaluation', (error as Error).message);
  }
}

/** ms: a selector finds what has the very time of the step, and nothing of the step before. */
const EXACTLY = 1;

function failure(rule: PushedRule, reason: string, detail: string): RuleOutcome {
  return { rule, kind: 'failed', fault: { reason, detail } };
}

/** Names what was answered; groups that become one series are combined. */
function fillRead({ questions, combine, matchers }: PushedRead, { outcomes, results, onDrop }: Finish): GridSeries {
  const filled = new GridSeries();
  for (const { query, contextualize } of questions) {
    const outcome = outcomes[query];
    if (outcome?.kind !== 'answered') continue;
    for (const one of outcome.series) {
      const times = [...one.timestamps, ...one.histograms.map(({ timestamp }) => timestamp)];
      const drop = (reason: string, detail: string, dropped: readonly number[]) =>
        onDrop({ reason, series: one.labels, detail, times: dropped, query });
      const group = contextualize(one.labels);
      if (group.kind === 'other') continue;
      if (group.kind === 'dropped') {
        drop(group.reason, group.detail, times);
        continue;
      }
      const points = answeredPoints(one);
      const read = new Set(points.map(([time]) => time));
      const unread = times.filter((time) => !read.has(time));
      if (unread.length > 0) drop('histogram_not_readable', NOT_READABLE, unread);
      const refused = points.filter(([time, value]) => !filled.add(group.labels, time, value, combine));
      if (refused.length > 0) {
        const detail = `becomes ${group.labels} as another series does`;
        drop(
          'colliding_series',
          detail,
          refused.map(([time]) => time),
        );
      }
    }
  }
  if (matchers !== undefined) keep(results.select(matchers), filled);
  return filled;
}

/** What a series was answered to be, but for histograms of no known kind. */
function answeredPoints({ timestamps, values, histograms }: AnsweredSeries): (readonly [number, GridValue])[] {
  return [
    ...Array.from(timestamps, (time, i) => [time, values[i] as number] as const),
    ...histograms.flatMap(({ timestamp, histogram }) => {
      const read = histogramOfAnswer(histogram);
      return read === undefined ? [] : [[timestamp, read] as const];
    }),
  ];
}

const NOT_READABLE = 'a native histogram whose buckets are of no known kind';

function keep(series: readonly Series[], into: GridSeries): void {
  for (const { labels, floats, histograms } of series) {
    for (let i = 0; i < floats.timestamps.length; i++) {
      into.add(labels, floats.timestamps[i] as number, floats.values[i] as number);
    }
    for (const histogram of histograms?.histograms ?? []) {
      into.add(labels, histogram.timestamp, toFloatHistogram(histogram));
    }
  }
}

/** The record becomes the name, and the rule's labels win. */
function recorded(pushed: PushedRule, series: readonly ResultSeries[]): RuleOutcome {
  const { rule, limit } = pushed;
  const outputs = new GridSeries();
  const counts = new Map<number, number>();
  for (const one of series) {
    const labels = one.labels.with({ ...rule.labels, [METRIC_NAME]: rule.record });
    for (const [time, value] of pointsOf(one)) {
      counts.set(time, (counts.get(time) ?? 0) + 1);
      if (!outputs.add(labels, time, value)) {
        return failure(pushed, 'query_failed: evaluation', `${DUPLICATE}: ${labels}`);
      }
    }
  }
  const most = Math.max(0, ...counts.values());
  if (limit > 0 && most > limit) {
    return failure(pushed, 'query_failed: limit', `exceeded limit of ${limit} with ${most} series`);
  }
  return { rule: pushed, kind: 'computed', series: outputs.select() };
}

function* pointsOf(series: ResultSeries): Generator<readonly [time: number, value: GridValue]> {
  const { timestamps, values, histogramTimestamps, histograms } = series;
  for (let i = 0; i < timestamps.length; i++) yield [timestamps[i] as number, values[i] as number];
  for (const [i, histogram] of histograms.entries()) yield [histogramTimestamps[i] as number, histogram];
}

const DUPLICATE = 'vector contains metrics with the same labelset after applying rule labels';

/** Answers the selectors of a pushed rule: its reads, and what the rules before gave for the same times. */
class ReadQuerier implements Querier {
  readonly #reads: ReadonlyMap<string, GridSeries>;
  readonly #results: GridSeries;

  constructor(reads: ReadonlyMap<string, GridSeries>, results: GridSeries) {
    this.#reads = reads;
    this.#results = results;
  }

  async select(_hints: unknown, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    const read = matchers.find(({ name }) => name === READ_LABEL);
    if (read === undefined) return this.#results.select(matchers);
    return this.#reads.get(read.value)?.select() ?? [];
  }

  async series(_hints: unknown, ...matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    return (await this.select(undefined, ...matchers)).map(({ labels }) => labels);
  }

  labelNames(): Promise<readonly string[]> {
    throw new Error('BUG: a rule asks for label names');
  }

  labelValues(): Promise<readonly string[]> {
    throw new Error('BUG: a rule asks for label values');
  }

  async metadata(): Promise<readonly []> {
    return [];
  }
}
