import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { Matcher } from '../../model/matcher.ts';
import { isStaleNaN, STALE_NAN } from '../../model/stale-marker.ts';
import { type AnswerSeries, askRule } from './ask-rule.ts';
import type { PreparedRecordingRule } from './prepared-plan.ts';
import type { RuleOutcome, RuleRun } from './rule-run.ts';

/**
 * Evaluates a recording rule at each time: the record becomes the name, the rule's labels win, and a series that the
 * evaluation before had and this one has not is ended by a stale marker.
 */
export async function evaluateRecordingRule(prepared: PreparedRecordingRule, run: RuleRun): Promise<RuleOutcome> {
  const { rule, allowsRange } = prepared;
  const shifted = run.times.map((time) => time - run.queryOffset);
  const answer = await askRule(run.engine, run.querier, { expr: rule.expr, times: shifted, allowsRange });
  const outputs = answer.series.map((series) => ({ ...series, labels: outputLabelsOf(series.labels, prepared) }));
  const failed = new Map([...answer.failed, ...checkOutputs(outputs, shifted, run.limit)]);
  const succeeded = shifted.filter((time) => !failed.has(time));
  const ended = await endedSeries(prepared, outputs, succeeded, run);
  for (const { labels, timestamps, values, histograms } of outputs) {
    for (let i = 0; i < timestamps.length; i++) {
      const time = timestamps[i] as number;
      if (failed.size === 0 || !failed.has(time)) run.pending.add(labels, time, values[i] as number);
    }
    for (const histogram of histograms) {
      if (!failed.has(histogram.timestamp)) run.pending.addHistogram(labels, histogram);
    }
  }
  for (const { labels, time } of ended) run.pending.add(labels, time, STALE_NAN);
  const last = succeeded.at(-1);
  return {
    error: failed.get(shifted.at(-1) ?? 0),
    succeededAt: last === undefined ? run.succeededAt : last + run.queryOffset,
    alerts: [],
  };
}

function outputLabelsOf(labels: Labels, { rule }: PreparedRecordingRule): Labels {
  return labels.with({ ...rule.labels, [METRIC_NAME]: rule.record });
}

/** Times at which a rule may not give what it gave, with Prometheus's words. */
function checkOutputs(
  outputs: readonly AnswerSeries[],
  times: readonly number[],
  limit: number,
): ReadonlyMap<number, string> {
  const failed = new Map<number, string>();
  const counts = new Map<number, number>(times.map((time) => [time, 0]));
  const seen = new Map<string, Set<number>>();
  for (const output of outputs) {
    const [twins, own] = [seen.get(output.labels.key), timesOf(output)];
    for (const time of own) {
      counts.set(time, (counts.get(time) ?? 0) + 1);
      if (twins?.has(time)) failed.set(time, DUPLICATE);
    }
    seen.set(output.labels.key, new Set([...(twins ?? []), ...own]));
  }
  for (const [time, count] of counts) {
    if (limit > 0 && count > limit && !failed.has(time))
      failed.set(time, `exceeded limit of ${limit} with ${count} series`);
  }
  return failed;
}

/** When a series had a value of either kind, ms. */
function timesOf({ timestamps, histograms }: AnswerSeries): number[] {
  return [...timestamps, ...histograms.map(({ timestamp }) => timestamp)];
}

const DUPLICATE = 'vector contains metrics with the same labelset after applying rule labels';

interface EndedSeries {
  readonly labels: Labels;
  readonly time: number;
}

/** Series and the times (ms) at which they are missing for the first time. */
async function endedSeries(
  prepared: PreparedRecordingRule,
  outputs: readonly AnswerSeries[],
  succeeded: readonly number[],
  run: RuleRun,
): Promise<EndedSeries[]> {
  const [first, ...later] = succeeded;
  if (first === undefined) return [];
  const present = new Map<string, { readonly labels: Labels; readonly times: Set<number> }>();
  for (const output of outputs) {
    const { labels } = output;
    const known = present.get(labels.key);
    if (known === undefined) present.set(labels.key, { labels, times: new Set(timesOf(output)) });
    else for (const time of timesOf(output)) known.times.add(time);
  }
  const ended: EndedSeries[] = [];
  for (const labels of await previousSeries(prepared, first, run)) {
    if (!present.get(labels.key)?.times.has(first)) ended.push({ labels, time: first });
  }
  for (const { labels, times } of present.values()) {
    let previous = first;
    for (const time of later) {
      if (times.has(previous) && !times.has(time)) ended.push({ labels, time });
      previous = time;
    }
  }
  return ended;
}

/** What the rule gave when it last succeeded, as the store has it: repeating an evaluation finds the same. */
async function previousSeries(
  { rule, possible, visibleFor }: PreparedRecordingRule,
  first: number,
  { succeededAt, queryOffset, querier }: RuleRun,
): Promise<Labels[]> {
  const time = (succeededAt ?? Number.NEGATIVE_INFINITY) - queryOffset;
  if (time <= first - visibleFor || time >= first) return [];
  const fixed = Object.entries(rule.labels).map(([name, value]) => new Matcher('=', name, value));
  const series = await querier.select({ mint: time, maxt: time }, new Matcher('=', METRIC_NAME, rule.record), ...fixed);
  // Another rule may record the same metric with a label that this one cannot have.
  const isOwn = (labels: Labels) =>
    possible === 'any' || [...labels].every(({ name }) => name === METRIC_NAME || possible.has(name));
  return series
    .filter(({ labels, floats }) => isOwn(labels) && !isStaleNaN(floats.values[0] ?? 0))
    .map(({ labels }) => labels);
}
