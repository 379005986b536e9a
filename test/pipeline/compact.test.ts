import { describe, expect, it } from 'vitest';
import { compactTenants } from '../../lib/pipeline/compact.ts';
import type { Backlog, CompactionStep, Compactor } from '../../lib/storage/compactor.ts';
import type { RetentionClass } from '../../lib/storage/interface.ts';

const TENANTS = [{ name: 'a' }, { name: 'b' }];

describe('compactTenants', () => {
  it('takes steps of all classes in turn until each is idle, and adds them up', async () => {
    const store = storeOf({ 'a/normalised': ['merged', 'merged', 'tidied'], 'b/derived': ['merged'] });
    const outcomes = await compactTenants({ tenants: TENANTS, storage: store, now: () => 0 }, 1);
    expect(store.calls.slice(0, 6)).toEqual([
      'a/normalised',
      'a/derived',
      'a/alerts',
      'b/normalised',
      'b/derived',
      'b/alerts',
    ]);
    expect(
      outcomes.map(({ tenant, retentionClass, steps, samplesRead }) => [tenant, retentionClass, steps, samplesRead]),
    ).toEqual([
      ['a', 'normalised', 3, 30],
      ['a', 'derived', 0, 0],
      ['a', 'alerts', 0, 0],
      ['b', 'normalised', 0, 0],
      ['b', 'derived', 1, 10],
      ['b', 'alerts', 0, 0],
    ]);
    expect(outcomes[0]?.backlog).toEqual({ epochs: 0, leftovers: 0 });
  });

  it('begins nothing after the deadline, and tells what is left', async () => {
    const store = storeOf({ 'a/normalised': ['merged', 'merged', 'merged'] });
    let now = 0;
    const outcomes = await compactTenants({ tenants: [{ name: 'a' }], storage: store, now: () => now++ }, 4);
    expect(outcomes[0]).toMatchObject({ steps: 2, backlog: { epochs: 1 } });
  });

  it('keeps one fault from everybody else', async () => {
    const store = storeOf({ 'a/normalised': ['fault'], 'b/normalised': ['merged'] });
    const [broken, , , fine] = await compactTenants({ tenants: TENANTS, storage: store, now: () => 0 }, 1);
    expect(broken?.error?.message).toBe('the table is on fire');
    expect(fine).toMatchObject({ steps: 1 });
    expect(fine?.error).toBeUndefined();
  });

  it('leaves the field to whoever overtakes it', async () => {
    const store = storeOf({ 'a/derived': Array.from({ length: 99 }, () => 'overtaken' as const) });
    const [, derived] = await compactTenants({ tenants: [{ name: 'a' }], storage: store, now: () => 0 }, 1);
    expect(derived?.overtaken).toBe(3);
  });

  it('adds up what tenants took, all of it, and keeps one fault from everybody else', async () => {
    const left: Record<string, number> = { a: 3, b: 2 };
    const sums = {
      async addUp(tenant: string) {
        if (tenant === 'a' && left['a'] === 1) throw new Error('the ledger is away');
        const before = left[tenant] ?? 0;
        left[tenant] = Math.max(0, before - 1);
        return before;
      },
    };
    const outcomes = await compactTenants({ tenants: TENANTS, storage: storeOf({}), sums, now: () => 0 }, 1);
    expect(left).toEqual({ a: 1, b: 0 });
    expect(outcomes.map(({ tenant, error }) => [tenant, error?.message])).toEqual([
      ...Array.from({ length: 3 }, () => ['a', 'the ledger is away']),
      ...Array.from({ length: 3 }, () => ['b', undefined]),
    ]);
    left['b'] = 9;
    let now = 0;
    const late = { tenants: [{ name: 'b' }], storage: storeOf({}), sums, now: () => now++ };
    await compactTenants(late, 5);
    expect(left['b']).toBeGreaterThan(5);
  });
});

type Plan = Readonly<Record<string, readonly (CompactionStep['kind'] | 'fault')[]>>;

/** Compactors that do what is planned, and then are idle. */
function storeOf(plan: Plan) {
  const calls: string[] = [];
  const compactor = (tenant: string, retentionClass: RetentionClass): Compactor => {
    const left = [...(plan[`${tenant}/${retentionClass}`] ?? [])];
    return {
      step: async () => {
        calls.push(`${tenant}/${retentionClass}`);
        const kind = left.shift() ?? 'idle';
        if (kind === 'fault') throw new Error('the table is on fire');
        const samples = kind === 'idle' ? 0 : 10;
        return {
          kind,
          samplesRead: samples,
          samplesWritten: samples,
          itemsWritten: 1,
          bytesWritten: 100,
          writeUnits: 1,
        };
      },
      backlog: async (): Promise<Backlog> => ({ epochs: left.length, leftovers: 0 }),
    };
  };
  return { compactor, calls };
}
