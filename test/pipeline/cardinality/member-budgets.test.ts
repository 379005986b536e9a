import { describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS, type Tenant } from '../../../lib/context/tenant.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { GUARDED_AREA, type Member, MemberBudgets } from '../../../lib/pipeline/cardinality/member-budgets.ts';
import { MEMBERS_AREA, MemberGuard } from '../../../lib/pipeline/cardinality/member-guard.ts';
import { StorageUnavailableError } from '../../../lib/storage/errors.ts';
import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';
import type { Registers } from '../../../lib/storage/registers.ts';
import { seriesIdentity } from '../../../lib/storage/series-identity.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const TENANT: Tenant = {
  name: 'acme',
  tokens: [],
  sources: [],
  limits: DEFAULT_INTAKE_LIMITS,
  cardinality: { maxRequestContextsPerService: 100, maxMembersPerMetric: 1000 },
};

describe('MemberBudgets', () => {
  it('enters what a worker saw before its metric was guarded, when that comes again', async () => {
    const { worker, guard, clock } = setUp();
    const early = worker();
    const known = members('m', 0, 10);
    await early.refuse(TENANT, known);
    // Another worker sees more of the metric, and guards it.
    await worker().refuse(TENANT, members('m', 100, 200));
    expect(await guard('m').admit([])).toEqual([]);
    clock.now += 6 * MINUTE;
    expect((await early.refuse(TENANT, known)).size).toBe(0);
    // The budget is used up by others; those that were entered stay.
    await worker().refuse(TENANT, members('m', 1000, 4000));
    expect((await worker().refuse(TENANT, members('m', 0, 10))).size).toBe(0);
    expect((await worker().refuse(TENANT, members('m', 5000, 5010))).size).toBeGreaterThanOrEqual(9);
  });

  it('lets workers guard metrics at the same time without losing one', async () => {
    const { worker, registers } = setUp();
    const metrics = Array.from({ length: 6 }, (_, i) => `m${i}`);
    await Promise.all(metrics.map((metric) => worker().refuse(TENANT, members(metric, 0, 100))));
    expect((await registers.read('acme', { area: GUARDED_AREA, name: 'metrics' }))?.value).toEqual(metrics);
    expect((await registers.list('acme', MEMBERS_AREA)).length).toBe(6);
  });

  it('asks no more about a member for as long as its verdict holds', async () => {
    const { worker, registers, clock } = setUp();
    const one = worker();
    const all = members('m', 0, 3000);
    const refused = await one.refuse(TENANT, all);
    expect(refused.size).toBeGreaterThan(1900);
    const { calls } = registers;
    expect(await one.refuse(TENANT, all)).toEqual(refused);
    expect(registers.calls).toBe(calls);
    // Refused ones ask again after a minute, and find out that nothing has changed.
    clock.now += 2 * MINUTE;
    // One in two thousand is taken for a member meanwhile, since others set its bits.
    expect((await one.refuse(TENANT, all)).size).toBeGreaterThanOrEqual(refused.size - 5);
    expect(registers.calls).toBe(calls + 1);
  });

  it('sees members again in every generation, so that they keep their places', async () => {
    const { worker, clock } = setUp();
    const one = worker();
    const all = members('m', 0, 900);
    for (let generation = 0; generation < 5; generation++) {
      expect((await one.refuse(TENANT, all)).size).toBe(0);
      clock.now += 2 * DAY;
    }
    expect(
      (await worker().refuse(TENANT, [...members('m', 5000, 6000), ...members('m', 0, 900)])).size,
    ).toBeGreaterThan(850);
    expect((await worker().refuse(TENANT, members('m', 0, 900))).size).toBe(0);
  });

  it('sees members again as often as their own tenant forgets them', async () => {
    const { brief, clock } = setUp();
    const one = brief();
    const all = members('m', 0, 900);
    for (let day = 0; day < 5; day++) {
      expect((await one.refuse(TENANT, all)).size).toBe(0);
      clock.now += DAY;
    }
    expect((await brief().refuse(TENANT, members('m', 5000, 6000))).size).toBeGreaterThan(850);
    expect((await brief().refuse(TENANT, members('m', 0, 900))).size).toBe(0);
  });

  it('keeps tenants apart', async () => {
    const { worker } = setUp();
    await worker().refuse(TENANT, members('m', 0, 3000));
    expect((await worker().refuse({ ...TENANT, name: 'other' }, members('m', 5000, 5100))).size).toBe(0);
  });

  it('fails where it never gets its turn, so that the message is delivered again', async () => {
    const registers: Registers = { list: async () => [], read: async () => undefined, replace: async () => false };
    const budgets = new MemberBudgets({ registers, generationMs: DAY, now: () => 0 });
    await expect(budgets.refuse(TENANT, members('m', 0, 100))).rejects.toThrow(StorageUnavailableError);
    const guard = new MemberGuard(
      { tenant: 'a', metric: 'm', budget: 10 },
      { registers, generationMs: DAY, now: () => 0 },
    );
    await expect(guard.admit([seriesIdentity(Labels.empty)])).rejects.toThrow(StorageUnavailableError);
  });
});

function members(metric: string, from: number, to: number): Member[] {
  return Array.from({ length: to - from }, (_, i) => ({
    raw: Labels.from({ __name__: metric, path: `/${from + i}` }),
    identity: {},
  }));
}

class CountedRegisters extends MemoryRegisters {
  calls = 0;

  override read<T>(...args: Parameters<MemoryRegisters['read']>) {
    this.calls++;
    return super.read<T>(...args);
  }

  override replace(...args: Parameters<MemoryRegisters['replace']>) {
    this.calls++;
    return super.replace(...args);
  }
}

function setUp() {
  const registers = new CountedRegisters();
  const clock = { now: 1000 * DAY };
  const options = { registers, generationMs: 2 * DAY, now: () => clock.now };
  return {
    registers,
    clock,
    worker: () => new MemberBudgets(options),
    /** Of a deployment that keeps the tenant's samples for a day. */
    brief: () => new MemberBudgets({ ...options, tenantGenerationMs: new Map([['acme', DAY]]) }),
    guard: (metric: string) => new MemberGuard({ tenant: 'acme', metric, budget: 1000 }, options),
  };
}
