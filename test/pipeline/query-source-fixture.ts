import type { ScopeConfig } from '../../lib/context/tenant.ts';
import { type Labels, METRIC_NAME } from '../../lib/model/labels.ts';
import { finishRules, type QueryOutcome } from '../../lib/pipeline/query-source-finish.ts';
import type { RunTimes } from '../../lib/pipeline/query-source-grid.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import type { DerivedRecordingRule, Plan } from '../../lib/plan/plan.ts';
import { pushDown } from '../../lib/plan/push-down.ts';
import { ALERT_CONDITION, ALERT_RULE_LABEL, alertKeys, conditionOf } from '../../lib/plan/push-down-alert.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { Querier } from '../../lib/storage/interface.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';

export interface RawSeries {
  readonly labels: Labels;
  readonly samples: readonly (readonly [timestamp: number, value: number])[];
}

/** `series @ time` to value, for comparing what two ways give. */
export type Points = ReadonlyMap<string, number>;

const engine = new Engine();

/** Raw series as the user's server has them. */
export async function rawStorage(raw: readonly RawSeries[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const appender = storage.appender('user', 'normalised');
  for (const { labels, samples } of raw) {
    for (const [timestamp, value] of samples) appender.append(labels, { timestamp, value });
  }
  await appender.commit();
  return storage;
}

/** What the pushed rules give, with the questions answered by our engine over the raw series. */
export async function pushedPoints(plan: Plan, scope: ScopeConfig, raw: readonly RawSeries[], times: RunTimes) {
  const pushed = pushDown(plan, scope);
  const querier = (await rawStorage(raw)).querier('user');
  const outcomes: QueryOutcome[] = [];
  for (const { expr } of pushed.queries) outcomes.push(await answerOf(querier, expr, times));
  const dropped: string[] = [];
  const rules = await finishRules(pushed, outcomes, times, engine, ({ reason }) => dropped.push(reason));
  const points = new Map<string, number>();
  for (const outcome of rules) {
    if (outcome.kind === 'failed') throw new Error(`${outcome.rule.rule.record}: ${outcome.fault.detail}`);
    for (const { labels, floats } of outcome.series) {
      for (const [i, time] of floats.timestamps.entries())
        points.set(`${labels} @ ${time}`, floats.values[i] as number);
    }
  }
  return { points, pushed, dropped };
}

async function answerOf(querier: Querier, expr: string, times: RunTimes): Promise<QueryOutcome> {
  const { data } = await engine.rangeQuery(querier, expr, times);
  if (data.kind !== 'matrix') throw new Error(`${expr} gives a ${data.kind}`);
  return { kind: 'answered', series: data.series.map((one) => ({ ...one, histograms: [] })) };
}

/** What the same rules give over what the worker would have stored of the same raw series. */
export async function storedPoints(
  plan: Plan,
  scope: ScopeConfig,
  raw: readonly RawSeries[],
  times: RunTimes,
): Promise<Points> {
  const contextualizer = new Contextualizer(plan);
  const storage = new MemoryStorage();
  const appender = storage.appender('us', 'normalised');
  for (const { labels, samples } of raw) {
    const made = contextualizer.contextualize(labels, scope);
    if (made.kind === 'dropped') continue;
    for (const output of made.outputs) {
      for (const [timestamp, value] of samples) {
        appender.append(output.labels, { timestamp, value: output.map(value) });
      }
    }
  }
  await appender.commit();
  return evaluateOver(storage, plan, times);
}

/** Alerts over what other rules record are evaluated as they are, and have no recorded condition. */
function pushedAlerts(plan: Plan): (rule: DerivedRecordingRule) => boolean {
  const pushed = new Set(
    pushDown(plan, { env: { labels: [] }, site: { labels: [] } }).rules.map(
      ({ rule }) => rule.labels[ALERT_RULE_LABEL],
    ),
  );
  return ({ labels }) => pushed.has(labels[ALERT_RULE_LABEL]);
}

async function evaluateOver(storage: MemoryStorage, plan: Plan, { start, end, step }: RunTimes): Promise<Points> {
  const points = new Map<string, number>();
  const keys = alertKeys(plan);
  const isPushed = pushedAlerts(plan);
  const rules = plan.derived
    .flatMap((group) => group.rules)
    .map((rule) => (rule.kind === 'alerting' ? conditionOf(rule, keys.get(rule) ?? '') : rule))
    .filter((rule) => rule.record !== ALERT_CONDITION || isPushed(rule))
    .sort((a, b) => a.level - b.level);
  for (let time = start; time <= end; time += step) {
    for (const rule of rules) {
      const { data } = await engine.instantQuery(storage.querier('us'), rule.expr, time);
      if (data.kind !== 'vector') throw new Error(`${rule.record} gives a ${data.kind}`);
      const appender = storage.appender('us', 'derived');
      for (const { labels, value } of data.samples) {
        const named = labels.with({ ...rule.labels, [METRIC_NAME]: rule.record });
        points.set(`${named} @ ${time}`, value as number);
        appender.append(named, { timestamp: time, value: value as number });
      }
      await appender.commit();
    }
  }
  return points;
}

/** A counter that grows by its own rate, with one reset where `resetAt` (index) says. */
export function counter(labels: Labels, times: readonly number[], perStep: number, resetAt = -1): RawSeries {
  let value = perStep * 7;
  const samples = times.map((time, i) => {
    value = i === resetAt ? perStep : value + perStep * (1 + (i % 3));
    return [time, value] as const;
  });
  return { labels, samples };
}
