import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import { evaluateTenants } from '../../lib/pipeline/evaluate.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { Storage } from '../../lib/storage/interface.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import type { ActiveAlert, RuleStateReader } from '../../lib/storage/rule-state.ts';
import { nativeHistogram } from '../receiver/messages.ts';
import type { Remains } from './check-run.ts';
import { messageKey, type Point, pointsOf, type Queued } from './observations.ts';
import { EVALUATION_INTERVAL, MINUTE, PLAN } from './stage.ts';

/** How far back rules of the stage look, and how far ahead a clock may be, ms. */
const REACH = 5 * MINUTE;
const MAX_SKEW = 2000;

/** The metric that a rule adds up, and the rule's own. */
const SUMMED = 'app:request:total';
const SUM = 'app:request:sum';

interface Stored {
  readonly mapped: ReadonlyMap<string, Point>;
  readonly derived: ReadonlyMap<string, Point>;
}

/**
 * Compares results of rules with those of an evaluator that nothing ever happened to, over the same samples. Where a sample
 * came later than evaluations wait, results may be any that some evaluator computed, but none may be missing.
 */
export async function checkDerived(
  tenant: string,
  queued: readonly Queued[],
  { mapped, derived }: Stored,
  remains: Remains,
): Promise<void> {
  const { ruleState, observations, world, start, end } = remains;
  const first = (Math.floor(start / EVALUATION_INTERVAL) - 1) * EVALUATION_INTERVAL;
  const last = Math.floor(end / EVALUATION_INTERVAL) * EVALUATION_INTERVAL;
  const { evaluatedTo = 0, skipped = 0 } = (await ruleState.read(tenant))?.state ?? {};
  if (evaluatedTo < last - EVALUATION_INTERVAL || skipped > 0) {
    throw new Error(`${tenant}: rules are evaluated to ${evaluatedTo}, not ${last}; ${skipped} ms were skipped`);
  }
  const reference = await referenceOf(tenant, mapped, first, evaluatedTo);
  const { late, summed } = timesOf(queued, mapped, remains);
  const firstLate = Math.min(...late, Number.POSITIVE_INFINITY);
  for (const key of new Set([...derived.keys(), ...reference.points.keys()])) {
    const [found, expected] = [derived.get(key), reference.points.get(key)];
    const { timestamp, labels } = (found ?? expected) as Point;
    // What an alert is depends on all that went before.
    const isAlert = labels.metricName.startsWith('ALERTS');
    const isMarker = [found, expected].some((point) => point === undefined || point.value === 'stale');
    const isLate = isAlert
      ? timestamp >= firstLate
      : late.has(timestamp) || (isMarker && late.has(timestamp - EVALUATION_INTERVAL));
    world.count(isLate ? 'results of late samples' : 'results compared');
    const isMissing = found === undefined || (labels.metricName === SUM && found.value === 'stale');
    const isPossible = isMissing
      ? !(labels.metricName === SUM && summed.has(timestamp))
      : observations.computed.get(tenant)?.get(key)?.has(found.value);
    if (isLate ? isPossible : found?.value === expected?.value) continue;
    throw new Error(`${tenant}: the result ${key} is ${found?.value} and should be ${expected?.value}`);
  }
  if (late.size === 0) {
    const [found, expected] = [await alertsOf(ruleState, tenant), await alertsOf(reference.ruleState, tenant)];
    if (found !== expected) throw new Error(`${tenant}: alerts are ${found} and should be ${expected}`);
  }
}

/** Evaluation times, ms. */
interface Times {
  /** At which a sample that they see was not there yet. */
  readonly late: ReadonlySet<number>;
  /** At which there were requests to add up, whatever came later. */
  readonly summed: ReadonlySet<number>;
}

function timesOf(
  queued: readonly Queued[],
  mapped: ReadonlyMap<string, Point>,
  { observations, delay }: Remains,
): Times {
  const doneAt = new Map<string, number>();
  for (const { message, points } of queued) {
    const done = observations.doneAt.get(messageKey(message)) ?? Number.POSITIVE_INFINITY;
    for (const { key, value } of points) {
      if (mapped.get(key)?.value === value) doneAt.set(key, Math.min(done, doneAt.get(key) ?? done));
    }
  }
  const [late, summed] = [new Set<number>(), new Set<number>()];
  const ends = [...mapped.values()].filter(({ value }) => value === 'stale');
  for (const [key, done] of doneAt) {
    const { timestamp, labels, value } = mapped.get(key) as Point;
    const end = ends.find((other) => other.timestamp >= timestamp && other.labels.key === labels.key)?.timestamp;
    const isSummed = labels.metricName === SUMMED && value !== 'stale';
    const first = Math.ceil(timestamp / EVALUATION_INTERVAL) * EVALUATION_INTERVAL;
    for (let time = first; time <= timestamp + REACH; time += EVALUATION_INTERVAL) {
      const isThere = done < time + delay - MAX_SKEW;
      if (!isThere) late.add(time);
      else if (isSummed && time < timestamp + REACH && (end === undefined || end > time)) summed.add(time);
    }
  }
  return { late, summed };
}

/** What one evaluator gives that comes when all is there, and never fails. */
async function referenceOf(tenant: string, mapped: ReadonlyMap<string, Point>, from: number, to: number) {
  const storage = new MemoryStorage();
  await load(storage, tenant, mapped);
  const ruleState = new MemoryRuleState();
  await ruleState.replace(tenant, 0, { planVersion: PLAN.version, evaluatedTo: from, skipped: 0, groups: {} });
  const [outcome] = await evaluateTenants(
    {
      plan: PLAN.prepared,
      tenants: [{ name: tenant }],
      storage,
      ruleState,
      engine: new Engine({ now: () => to }),
      settings: { interval: EVALUATION_INTERVAL, delay: 0, maxCatchUp: 2 * (to - from) },
      externalUrl: '',
      now: () => to,
    },
    Number.POSITIVE_INFINITY,
  );
  if (outcome?.error !== undefined) throw outcome.error;
  const all = pointsOf(await storage.querier(tenant).select({ mint: 0, maxt: to }));
  return { ruleState, points: new Map([...all].filter(([key]) => !mapped.has(key))) };
}

async function load(storage: Storage, tenant: string, points: ReadonlyMap<string, Point>): Promise<void> {
  const appender = storage.appender(tenant, 'normalised');
  for (const { labels, timestamp, value } of points.values()) {
    if (value.includes('histogram')) {
      const sum = value.startsWith('stale') ? STALE_NAN : Number(value.slice('histogram of '.length));
      appender.appendHistogram(labels, nativeHistogram({ timestamp, sum }));
    } else appender.append(labels, { timestamp, value: value === 'stale' ? STALE_NAN : Number(value) });
  }
  await appender.commit();
}

async function alertsOf(ruleState: RuleStateReader, tenant: string): Promise<string> {
  const { state } = (await ruleState.read(tenant)) ?? {};
  const alerts = Object.values(state?.groups ?? {}).flatMap(({ rules }) =>
    Object.values(rules).flatMap((rule) => rule.alerts.map(alertText)),
  );
  return alerts.sort().join('; ');
}

function alertText({ labels, annotations, state, activeAt, value }: ActiveAlert): string {
  return JSON.stringify([Object.entries(labels).sort(), annotations, state, activeAt, value]);
}
