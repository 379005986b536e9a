import type { SQSRecord } from 'aws-lambda';
import { type Leadership, leaderAt } from '../../lib/context/leadership.ts';
import type { Tenant } from '../../lib/context/tenant.ts';
import { LEADERS_AREA } from '../../lib/pipeline/elections.ts';
import type { Queryable } from '../../lib/storage/interface.ts';
import type { LedgerReader } from '../../lib/storage/ledger.ts';
import type { RegistersReader } from '../../lib/storage/registers.ts';
import type { RuleStateReader } from '../../lib/storage/rule-state.ts';
import { checkAsked } from './check-asked.ts';
import { checkDerived } from './check-derived.ts';
import { checkFederated } from './check-federated.ts';
import { checkLedger } from './check-ledger.ts';
import { type Observations, type Point, pointsOf, type Queued, queuedMessages } from './observations.ts';
import type { Process } from './process.ts';
import type { SimServer } from './sim-server.ts';
import { ASKED, FAILOVER_TIMEOUT, FEDERATED, MINUTE, PAIRED, SCRAPE_INTERVAL } from './stage.ts';
import type { World } from './world.ts';

export interface Remains {
  readonly storage: Queryable;
  readonly ledger: LedgerReader;
  readonly ruleState: RuleStateReader;
  readonly registers: RegistersReader;
  /** All that the queue ever took. */
  readonly taken: readonly SQSRecord[];
  readonly observations: Observations;
  readonly world: World;
  /** Of evaluations, ms. */
  readonly delay: number;
  /** Of the run, and up to when everything had to be evaluated, ms. */
  readonly start: number;
  readonly end: number;
  readonly tenants: readonly Tenant[];
  readonly evaluates: boolean;
  /** Those that are read, and when that ended, ms. */
  readonly servers: readonly SimServer[];
  readonly readEnd: number;
  /** Who looks at all of it. */
  readonly eye: Process;
}

/** Names of series that come straight from raw ones. */
const MAPPED = new Set(['app:request:total', 'app:queue:length', 'app:latency:histogram']);

/** All samples by tenant and key. */
export type Contents = ReadonlyMap<string, ReadonlyMap<string, Point>>;

/**
 * Compares what a run left with what its senders were told.
 *
 * @throws Error naming the first difference.
 */
export async function checkRun(remains: Remains): Promise<Contents> {
  const contents = new Map<string, ReadonlyMap<string, Point>>();
  const queued = queuedMessages(remains.taken);
  for (const { name } of remains.tenants) {
    const ofTenant = [...queued.values()].filter(({ message }) => message.envelope.tenant === name);
    const found = pointsOf(await remains.storage.querier(name).select({ mint: 0, maxt: remains.world.now }));
    if (name === ASKED) {
      await checkAsked(name, found, remains);
      contents.set(name, found);
      continue;
    }
    const isLeading = name === PAIRED ? await leaders(remains) : () => true;
    const expected = expectedPoints(ofTenant, isLeading);
    const mapped = new Map([...found].filter(([, { labels }]) => MAPPED.has(labels.metricName)));
    const derived = new Map([...found].filter(([, { labels }]) => !MAPPED.has(labels.metricName)));
    checkAcknowledged(name, remains, isLeading, mapped);
    checkSame(name, mapped, expected);
    await checkLedger(name, ofTenant, isLeading, remains);
    if (name === PAIRED) checkGaps(ofTenant, isLeading);
    if (name === FEDERATED) checkFederated(name, mapped, remains.observations);
    if (remains.evaluates) await checkDerived(name, ofTenant, { mapped, derived }, remains);
    contents.set(name, found);
  }
  return contents;
}

/** Compares what was found with what is found now, in chunks instead of logs. @throws Error naming the first difference. */
export async function checkUnchanged(storage: Queryable, before: Contents, now: number): Promise<void> {
  for (const [tenant, expected] of before) {
    checkSame(tenant, pointsOf(await storage.querier(tenant).select({ mint: 0, maxt: now })), expected);
  }
}

/** Every sample that was acknowledged is there, with its value. */
function checkAcknowledged(
  tenant: string,
  { observations, world }: Remains,
  isLeading: (point: Point) => boolean,
  found: ReadonlyMap<string, Point>,
): void {
  const acknowledged = [...(observations.acknowledged.get(tenant)?.values() ?? [])];
  world.count('samples acknowledged', acknowledged.length);
  for (const point of acknowledged) {
    if (!isLeading(point) || found.get(point.key)?.value === point.value) continue;
    throw new Error(
      `${tenant}: ${point.key} was acknowledged as ${point.value} and is ${found.get(point.key)?.value ?? 'lost'}`,
    );
  }
}

/** Of a value and a marker of one time the value is kept (`lib/storage/settle.ts`). */
function expectedPoints(queued: readonly Queued[], isLeading: (point: Point) => boolean): Map<string, Point> {
  const expected = new Map<string, Point>();
  for (const point of queued.flatMap(({ points }) => points.filter(isLeading))) {
    if (point.value !== 'stale' || !expected.has(point.key)) expected.set(point.key, point);
  }
  return expected;
}

/** Nothing else is there: neither what nobody sent, nor another tenant's. */
function checkSame(tenant: string, found: ReadonlyMap<string, Point>, expected: ReadonlyMap<string, Point>): void {
  for (const [key, { value }] of found) {
    if (expected.get(key)?.value !== value) {
      throw new Error(`${tenant}: ${key} is ${value} and should be ${expected.get(key)?.value ?? 'absent'}`);
    }
  }
  for (const [key, { value }] of expected) {
    if (!found.has(key)) throw new Error(`${tenant}: ${key} was ${value} and is lost`);
  }
}

/** Who leads of the pair, as decided in the end: that was never decided otherwise. */
async function leaders({ registers }: Remains): Promise<(point: Point) => boolean> {
  const [decided, ...others] = await registers.list<{ horizon: number; terms: [string, number, number][] }>(
    PAIRED,
    LEADERS_AREA,
  );
  if (others.length > 0) throw new Error('there are several registers for one pair');
  const terms = (decided?.value.terms ?? []).map(([replica, from, until]) => ({ replica, from, until }));
  const leadership: Leadership = { horizon: decided?.value.horizon ?? 0, terms };
  return ({ timestamp, replica, key }) => {
    const leader = leaderAt(leadership, timestamp);
    if (leader === undefined) throw new Error(`nobody leads at the time of ${key}`);
    return leader === replica;
  };
}

/** Whatever one of the pair has that is not taken, the other one has something near it that is. */
function checkGaps(queued: readonly Queued[], isLeading: (point: Point) => boolean): void {
  const points = queued.flatMap((one) => one.points);
  const taken = [...new Set(points.filter(isLeading).map(({ timestamp }) => timestamp))].sort((a, b) => a - b);
  for (const { timestamp, key } of points) {
    const distance = Math.min(...taken.map((time) => Math.abs(time - timestamp)));
    if (distance <= FAILOVER_TIMEOUT + SCRAPE_INTERVAL && distance < MINUTE) continue;
    throw new Error(`${key}: the pair has a gap of ${distance} ms although one of it had samples`);
  }
}
