import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareUsage, UsageBook } from '../../lib/pipeline/usage-book.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { addUsage, newUsage, type Usage, type UsageByWork, type UsageRecorder } from '../../lib/storage/usage.ts';

const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);

describe('UsageBook', () => {
  it('shares an invocation by what each tenant took of the table, and loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 6 }), async (units) => {
        const world = newWorld(Object.fromEntries(units.map((count, i) => [`t${i}`, count])));
        const tenants = units.map((_, i) => `t${i}`);
        await world.book.share(tenants, 8);
        const shares = await Promise.all(tenants.map((tenant) => world.taken(tenant)));
        expect(sum(shares, 'invocations')).toBeCloseTo(1, 9);
        expect(sum(shares, 'seconds')).toBeCloseTo(8, 9);
        expect(shares.map(({ writeUnits }) => writeUnits)).toEqual(units);
        const total = units.reduce((all, count) => all + count, 0);
        for (const [i, { invocations }] of shares.entries()) {
          expect(invocations).toBeCloseTo(total === 0 ? 1 / units.length : (units[i] as number) / total, 9);
        }
      }),
    );
  });

  it('notes requests, and writes them at most once a minute', async () => {
    const world = newWorld({ acme: 3 });
    world.book.note('acme', 0.5);
    await world.book.settled();
    expect(await world.taken('acme')).toMatchObject({ requests: 1, invocations: 1, seconds: 0.5, writeUnits: 3 });
    world.book.note('acme', 0.25);
    world.book.note('acme', 0.25);
    world.now += 59_000;
    await world.book.settled();
    expect(await world.taken('acme')).toMatchObject({ requests: 1 });
    world.now += 1000;
    await world.book.settled();
    expect(await world.taken('acme')).toMatchObject({ requests: 3, seconds: 1, writeUnits: 3 });
    await world.book.settled(0);
    expect(world.written).toBe(2);
  });

  it('keeps what it could not write for the next time, and fails nobody', async () => {
    const world = newWorld({ acme: 3 });
    world.fault = new Error('the table is away');
    expect(await shareUsage({ usage: world.book, tenants: [{ name: 'acme' }] }, async () => 7)).toBe(7);
    expect(world.warnings).toEqual(['the table is away']);
    world.fault = undefined;
    await world.book.share(['acme'], 2);
    expect(await world.taken('acme')).toMatchObject({ invocations: 2, writeUnits: 3 });
  });

  it('writes down what an invocation took that failed, and passes on its error', async () => {
    const world = newWorld({ acme: 3 });
    const failing = shareUsage({ usage: world.book, tenants: [{ name: 'acme' }] }, () =>
      Promise.reject(new Error('no')),
    );
    await expect(failing).rejects.toThrow('no');
    expect(await world.taken('acme')).toMatchObject({ writeUnits: 3, invocations: 1 });
    expect(await shareUsage({ tenants: [] }, async () => 1)).toBe(1);
  });
});

function newWorld(units: Record<string, number>) {
  const ledger = new MemoryLedger();
  let id = 0;
  const world = {
    now: NOW,
    fault: undefined as Error | undefined,
    warnings: [] as string[],
    written: 0,
    async taken(tenant: string): Promise<Usage> {
      const all: UsageByWork = {};
      for (const { usage } of await ledger.hours(tenant, 0, world.now)) addUsage(all, usage);
      return all.evaluate ?? newUsage();
    },
  };
  const recorder: UsageRecorder = {
    async recordUsage(tenant, entry) {
      if (world.fault !== undefined) throw world.fault;
      world.written++;
      await ledger.recordUsage(tenant, entry);
    },
  };
  const meter = {
    take(tenant: string) {
      const writeUnits = units[tenant] ?? 0;
      units[tenant] = 0;
      return { writeUnits, readUnits: 0, kept: {} };
    },
  };
  const log = { warn: (_: string, { error }: { readonly error: Error }) => world.warnings.push(error.message) };
  const newId = () => String(id++);
  return Object.assign(world, {
    book: new UsageBook({ work: 'evaluate', meter, recorder, now: () => world.now, newId, log }),
  });
}

function sum(shares: readonly Usage[], unit: 'invocations' | 'seconds'): number {
  return shares.reduce((total, share) => total + share[unit], 0);
}
