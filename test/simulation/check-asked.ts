import { progressKey, type QueryTarget, querySources } from '../../lib/pipeline/query-source.ts';
import { queryTargets } from '../../lib/pipeline/query-source-dependencies.ts';
import { QuerySourceMemory } from '../../lib/pipeline/query-source-memory.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import type { Remains } from './check-run.ts';
import { type Point, pointsOf } from './observations.ts';
import { simClient } from './sim-client.ts';
import { ASKING_DELAY, EVALUATION_INTERVAL, PLAN, PUSHED, SECOND } from './stage.ts';

/**
 * Results of a server are those of an asker that nothing ever happened to. Only where a question had no answer may a
 * result be missing; none may be another one, or be ended where there is one.
 *
 * @throws Error naming the first difference.
 */
export async function checkAsked(tenant: string, found: ReadonlyMap<string, Point>, remains: Remains): Promise<void> {
  const { observations, world, ruleState, start, readEnd } = remains;
  const [target] = queryTargets(remains.tenants.filter(({ name }) => name === tenant));
  if (target === undefined) throw new Error(`BUG: ${tenant} asks nobody`);
  const { evaluatedTo = 0, skipped = 0 } = (await ruleState.read(progressKey(target)))?.state ?? {};
  if (evaluatedTo < readEnd - ASKING_DELAY - 2 * EVALUATION_INTERVAL || skipped > 0) {
    throw new Error(`${tenant}: its server was asked up to ${evaluatedTo}, not ${readEnd}; ${skipped} ms were skipped`);
  }
  const own = new Map([...found].filter(([, { labels }]) => ASKED_FOR.has(labels.metricName)));
  // A run that died before it noted its progress has left results behind it; the next one would have found the same.
  const lastResult = [...own.values()].reduce((last, { timestamp }) => Math.max(last, timestamp), evaluatedTo);
  const reference = await referenceOf(target, lastResult, start, remains);
  const unanswered = observations.unanswered.get(tenant) ?? [];
  let missing = 0;
  for (const [key, { timestamp, value }] of reference) {
    const isThere = own.has(key);
    if (value === 'stale' || (timestamp > evaluatedTo && !isThere)) continue;
    world.count('answers compared');
    if (!isThere && !unanswered.some(([from, to]) => timestamp >= from && timestamp <= to)) {
      throw new Error(`${tenant}: the result ${key} was ${value} and is lost`);
    }
    if (!isThere) missing++;
  }
  for (const [key, { value }] of own) {
    const expected = reference.get(key)?.value;
    if (value === 'stale' ? expected === undefined || expected === 'stale' : expected === value) continue;
    throw new Error(`${tenant}: the result ${key} is ${value} and should be ${expected ?? 'absent'}`);
  }
  const stored = [...own.values()].filter(({ value }) => value !== 'stale');
  const settled = stored.filter(({ timestamp }) => timestamp <= evaluatedTo);
  await checkCounted(tenant, [settled.length, stored.length], missing, remains);
}

/** What is left to the evaluator, other metrics, is computed over these. */
const ASKED_FOR: ReadonlySet<string> = new Set(PUSHED.rules.map(({ rule }) => rule.record));

/** Where an answer was missing, an account may be that of a run without it, and the sample that of one before. */
async function checkCounted(
  tenant: string,
  [settled, stored]: readonly [settled: number, stored: number],
  missing: number,
  { ledger, world, observations }: Remains,
) {
  const totals = await ledger.totals(tenant, 0, world.now);
  const counted = totals.reduce((sum, { tally }) => sum + tally.stored, 0);
  world.count('answers missing', missing);
  const isExact = (observations.unanswered.get(tenant) ?? []).length === 0;
  if (counted <= stored && (!isExact || counted >= settled)) return;
  throw new Error(`${tenant}: the ledger counts stored ${counted}, not ${settled} to ${stored}`);
}

/** What is stored where no call fails. */
async function referenceOf(
  target: QueryTarget,
  evaluatedTo: number,
  start: number,
  { world, servers, eye }: Remains,
): Promise<Map<string, Point>> {
  const server = servers.find(({ url }) => url === target.source.url);
  if (server === undefined) throw new Error(`BUG: no server at ${target.source.url}`);
  const storage = new MemoryStorage();
  const progress = new MemoryRuleState();
  const begun = Math.floor(start / EVALUATION_INTERVAL) * EVALUATION_INTERVAL - EVALUATION_INTERVAL;
  await progress.replace(progressKey(target), 0, {
    planVersion: PLAN.version,
    evaluatedTo: begun,
    skipped: 0,
    groups: {},
  });
  const memory = new QuerySourceMemory(simClient(server, eye, 600 * SECOND, {}));
  const [outcome] = await querySources(600 * SECOND, {
    targets: [target],
    planVersion: PLAN.version,
    pushDownOf: () => PUSHED,
    memoryOf: () => memory,
    storage,
    ledger: new MemoryLedger(),
    progress,
    engine: new Engine({ now: () => world.now }),
    now: () => evaluatedTo + ASKING_DELAY,
  });
  if (outcome?.cause !== undefined) throw outcome.cause;
  if (outcome === undefined || outcome.failures.length > 0 || outcome.behind > 0) {
    throw new Error(`BUG: nobody was asked, or it failed: ${outcome?.failures[0]?.detail}`);
  }
  return pointsOf(await storage.querier(target.tenant.name).select({ mint: 0, maxt: evaluatedTo }));
}
