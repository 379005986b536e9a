import { describe, expect, it } from 'vitest';
import { Labels } from '../../../lib/model/labels.ts';
import { MEMBERS_AREA, MemberGuard } from '../../../lib/pipeline/cardinality/member-guard.ts';
import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';
import { type SeriesIdentity, seriesIdentity } from '../../../lib/storage/series-identity.ts';

const DAY = 86_400_000;
const METRIC = { tenant: 'acme', metric: 'http_requests_total' };

describe('MemberGuard', () => {
  it('admits up to the budget, keeps who is in, and refuses who comes later', async () => {
    const { guard } = setUp();
    const admitted = await admit(guard(10_000), 0, 20_000);
    expect(Math.abs(admitted.length - 10_000)).toBeLessThan(10_000 * 0.03);
    const same = guard(10_000);
    expect(await same.admit(admitted)).toEqual([]);
    // Filters take a few strangers for members: 0.1 % at the most.
    expect((await same.admit(members(20_000, 40_000))).length).toBeGreaterThan(20_000 * 0.999);
  });

  it('shares the budget among workers that run at the same time', async () => {
    const { guard, registers } = setUp();
    const workers = Array.from({ length: 4 }, () => guard(2000));
    const admitted = await Promise.all(
      workers.map(async (worker, w) => {
        const mine: SeriesIdentity[] = [];
        for (let i = 0; i < 10; i++)
          mine.push(...(await admit(worker, w * 10_000 + i * 200, w * 10_000 + (i + 1) * 200)));
        return mine;
      }),
    );
    const count = admitted.flat().length;
    expect(Math.abs(count - 2000)).toBeLessThan(2000 * 0.03);
    expect(await guard(2000).admit(admitted.flat())).toEqual([]);
    expect(await registers.list('acme', MEMBERS_AREA)).toHaveLength(1);
  });

  it('frees the places of members that were not seen for two generations, and of no others', async () => {
    const { guard, clock } = setUp();
    const worker = guard(1000);
    const [old] = [await admit(worker, 0, 2000)];
    const seen = old.slice(0, 300);
    clock.now += 2 * DAY;
    expect(await worker.admit(seen)).toEqual([]);
    expect(await admit(worker, 5000, 6000)).toHaveLength(0);
    clock.now += 2 * DAY;
    expect(await guard(1000).admit(seen)).toEqual([]);
    const fresh = await admit(guard(1000), 5000, 7000);
    expect(Math.abs(fresh.length - 700)).toBeLessThan(50);
  });

  it('frees them by the time that the samples of their tenant are kept for', async () => {
    const { guard, clock, registers } = setUp();
    for (const tenant of ['acme', 'brief']) expect(await admit(guard(100, tenant), 0, 90)).toHaveLength(90);
    clock.now += 2 * DAY;
    expect((await admit(guard(100, 'acme'), 5000, 5090)).length).toBeLessThan(20);
    expect((await admit(guard(100, 'brief'), 5000, 5090)).length).toBeGreaterThan(85);
    expect(registers.daysOf('brief')).toEqual([4, 4]);
    expect(registers.daysOf('acme')).toEqual([7, 7]);
  });

  it('costs nothing once it is full: no writes, and a read a minute at most', async () => {
    const { guard, registers, clock } = setUp();
    const worker = guard(1000);
    await admit(worker, 0, 2000);
    const before = { ...registers.counts };
    for (let i = 0; i < 50; i++) await admit(worker, 10_000 + i * 100, 10_100 + i * 100);
    expect(registers.counts).toEqual(before);
    clock.now += 61_000;
    await admit(worker, 0, 3000);
    await admit(worker, 0, 3000);
    expect(registers.counts).toEqual({ reads: before.reads + 1, writes: before.writes });
    expect(worker.bytes).toBeLessThan(5000);
  });

  it('begins anew where the budget is another one', async () => {
    const { guard } = setUp();
    await admit(guard(100), 0, 1000);
    expect((await admit(guard(500), 0, 1000)).length).toBeGreaterThan(400);
  });
});

function members(from: number, to: number): SeriesIdentity[] {
  return Array.from({ length: to - from }, (_, i) => seriesIdentity(Labels.from({ path: `/${from + i}` })));
}

async function admit(guard: MemberGuard, from: number, to: number): Promise<SeriesIdentity[]> {
  const asked = members(from, to);
  const refused = new Set(await guard.admit(asked));
  return asked.filter((member) => !refused.has(member));
}

class CountedRegisters extends MemoryRegisters {
  readonly counts = { reads: 0, writes: 0 };

  override read<T>(...args: Parameters<MemoryRegisters['read']>) {
    this.counts.reads++;
    return super.read<T>(...args);
  }

  readonly #days: [tenant: string, days: number][] = [];

  /** How long each write asked to be kept. */
  daysOf(tenant: string): number[] {
    return this.#days.filter(([name]) => name === tenant).map(([, days]) => days);
  }

  override replace(...args: Parameters<MemoryRegisters['replace']>) {
    this.counts.writes++;
    this.#days.push([args[0], Number((args as readonly unknown[])[4])]);
    return super.replace(...args);
  }
}

function setUp() {
  const registers = new CountedRegisters();
  const clock = { now: 1000 * DAY + 5000 };
  const options = { registers, generationMs: 2 * DAY, now: () => clock.now };
  return {
    registers,
    clock,
    guard: (budget: number, tenant = METRIC.tenant) =>
      new MemberGuard({ ...METRIC, tenant, budget }, { ...options, tenantGenerationMs: new Map([['brief', DAY]]) }),
  };
}
