import { type CardinalityLimits, DEFAULT_CARDINALITY_LIMITS, type Tenant } from '../../context/tenant.ts';
import type { Labels } from '../../model/labels.ts';
import { StorageUnavailableError } from '../../storage/errors.ts';
import { type SeriesIdentity, seriesIdentity } from '../../storage/series-identity.ts';
import { generationMsOf } from './generations.ts';
import { LinearCounter } from './linear-counter.ts';
import { MemberGuard, type MemberGuardOptions } from './member-guard.ts';

/** A raw series that rules made something of. */
export interface Member {
  readonly raw: Labels;
  /** The same object for as long as the worker remembers the series: what is known of it hangs on this. */
  readonly identity: object;
}

export const OVER_MEMBER_BUDGET = 'over_member_budget';

/** The area of the registers that lists the metrics with filters. */
export const GUARDED_AREA = 'guarded';
const GUARDED = { area: GUARDED_AREA, name: 'metrics' };

/** A metric is guarded by filters when a worker has seen this part of its budget; most metrics never get there. */
const GUARD_FROM = 1 / 50;

/** What one kilobyte can count. */
const MAX_UNGUARDED = 10_000;

/** How often a worker looks which metrics others guard, ms. */
const REREAD_MS = 5 * 60_000;

/** A refused member asks again after this, ms. */
const RETRY_MS = 60_000;

/** Metrics that one worker counts: 1 KB each. */
const MAX_COUNTED = 20_000;

/** Filters that one worker holds. */
const MAX_FILTER_BYTES = 64 * 1024 * 1024;

const GUARDED_DAYS = 400;
const MAX_ATTEMPTS = 20;

interface Guarded {
  readonly metrics: Set<string>;
  revision: number;
  readAt: number;
}

/** Until when (ms) a verdict holds. */
interface Verdict {
  readonly isRefused: boolean;
  readonly until: number;
}

/** The hard budget of raw series of a metric: who is in stays in, and who comes when it is used up is refused. */
export class MemberBudgets {
  readonly #options: MemberGuardOptions;
  readonly #verdicts = new WeakMap<object, Verdict>();
  /** By tenant. */
  readonly #guarded = new Map<string, Guarded>();
  /** By tenant and metric, least recently used first. */
  readonly #counters = new Map<string, LinearCounter>();
  readonly #guards = new Map<string, MemberGuard>();

  constructor(options: MemberGuardOptions) {
    this.#options = options;
  }

  /**
   * The members that are refused.
   *
   * @throws StorageUnavailableError
   */
  async refuse<T extends Member>(tenant: Tenant, members: readonly T[]): Promise<ReadonlySet<T>> {
    const now = this.#options.now();
    const refused = new Set<T>();
    const byMetric = new Map<string, T[]>();
    for (const member of members) {
      const verdict = this.#verdicts.get(member.identity);
      if (verdict !== undefined && now < verdict.until) {
        if (verdict.isRefused) refused.add(member);
        continue;
      }
      const group = byMetric.get(member.raw.metricName);
      if (group === undefined) byMetric.set(member.raw.metricName, [member]);
      else group.push(member);
    }
    if (byMetric.size === 0) return refused;
    const guarded = await this.#guardedOf(tenant.name, now);
    for (const [metric, group] of byMetric) {
      for (const member of await this.#refuseOfMetric(tenant, metric, group, guarded)) refused.add(member);
    }
    this.#shrink();
    return refused;
  }

  async #refuseOfMetric<T extends Member>(
    { name: tenant, cardinality = DEFAULT_CARDINALITY_LIMITS }: Tenant,
    metric: string,
    members: readonly T[],
    guarded: Guarded,
  ): Promise<readonly T[]> {
    const hashed = members.map((member) => ({ ...hashOf(member), member }));
    if (!guarded.metrics.has(metric)) {
      const counter = touch(this.#counters, JSON.stringify([tenant, metric]), () => new LinearCounter());
      for (const one of hashed) counter.add(one);
      if (counter.size >= guardedFrom(cardinality)) await this.#guard(tenant, metric, guarded);
    }
    const refused = guarded.metrics.has(metric)
      ? await this.#guardOf(tenant, metric, cardinality.maxMembersPerMetric).admit(hashed)
      : [];
    const out = new Set(refused.map(({ member }) => member));
    for (const member of members) {
      const isRefused = out.has(member);
      const until = isRefused
        ? this.#options.now() + RETRY_MS
        : this.#admittedUntil(tenant, guarded.metrics.has(metric));
      this.#verdicts.set(member.identity, { isRefused, until });
    }
    return [...out];
  }

  /** A filter has to see a member once in each generation; a member without one looks whether there is one now. */
  #admittedUntil(tenant: string, isGuarded: boolean): number {
    const { now } = this.#options;
    const generationMs = generationMsOf(this.#options, tenant);
    return isGuarded ? (Math.floor(now() / generationMs) + 1) * generationMs : now() + REREAD_MS;
  }

  #guardOf(tenant: string, metric: string, budget: number): MemberGuard {
    const key = JSON.stringify([tenant, metric, budget]);
    return touch(this.#guards, key, () => new MemberGuard({ tenant, metric, budget }, this.#options));
  }

  async #guardedOf(tenant: string, now: number): Promise<Guarded> {
    const held = this.#guarded.get(tenant);
    if (held !== undefined && now - held.readAt < REREAD_MS) return held;
    const found = await this.#options.registers.read<readonly string[]>(tenant, GUARDED);
    const metrics = new Set([...(found?.value ?? []), ...(held?.metrics ?? [])]);
    const guarded = { metrics, revision: found?.revision ?? 0, readAt: now };
    this.#guarded.set(tenant, guarded);
    return guarded;
  }

  /** From now on every worker asks the filters of this metric. */
  async #guard(tenant: string, metric: string, guarded: Guarded): Promise<void> {
    const { registers } = this.#options;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await registers.read<readonly string[]>(tenant, GUARDED);
      for (const name of found?.value ?? []) guarded.metrics.add(name);
      if (guarded.metrics.has(metric)) return;
      const value = [...guarded.metrics, metric].sort();
      if (!(await registers.replace(tenant, GUARDED, found?.revision ?? 0, value, GUARDED_DAYS))) continue;
      guarded.metrics.add(metric);
      return;
    }
    throw new StorageUnavailableError(`cannot guard metric ${metric}: other workers were first ${MAX_ATTEMPTS} times`);
  }

  #shrink(): void {
    for (const key of this.#counters.keys()) {
      if (this.#counters.size <= MAX_COUNTED) break;
      this.#counters.delete(key);
    }
    let bytes = [...this.#guards.values()].reduce((sum, guard) => sum + guard.bytes, 0);
    for (const [key, guard] of this.#guards) {
      if (bytes <= MAX_FILTER_BYTES) break;
      this.#guards.delete(key);
      bytes -= guard.bytes;
    }
  }
}

/** What a person should know about a member that was refused. */
export function overMemberBudgetDetail({ raw }: Member, { cardinality = DEFAULT_CARDINALITY_LIMITS }: Tenant): string {
  return (
    `${raw.metricName} has ${cardinality.maxMembersPerMetric} series already: drop the label that grows without bound, ` +
    'or raise limits.max_members_per_metric of the tenant'
  );
}

function guardedFrom({ maxMembersPerMetric }: CardinalityLimits): number {
  return Math.min(maxMembersPerMetric * GUARD_FROM, MAX_UNGUARDED);
}

function hashOf({ raw }: Member): Pick<SeriesIdentity, 'high' | 'low'> {
  const { high, low } = seriesIdentity(raw);
  return { high, low };
}

/** The value of a key, made where there is none; and makes it the last to be forgotten. */
function touch<T>(map: Map<string, T>, key: string, make: () => T): T {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  return value;
}
