import { describe, expect, it } from 'vitest';
import type { Tenant } from '../../lib/context/tenant.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { TEST_TENANTS } from '../receiver/test-tenants.ts';

const [acme, other] = TEST_TENANTS as readonly [Tenant, Tenant];
const MIB = 1024 * 1024;
const all = () => true;

describe('SeriesMemories', () => {
  it('gives a tenant the same memory as long as nothing changes, and no two tenants the same', () => {
    const memories = new SeriesMemories();
    expect(memories.of(acme, all)).toBe(memories.of(acme, all));
    expect(memories.of(other, all)).not.toBe(memories.of(acme, all));
  });

  it('forgets what another selection or other limits decided', () => {
    const memories = new SeriesMemories();
    const before = memories.of(acme, all);
    expect(memories.of(acme, () => false)).not.toBe(before);
    expect(memories.of({ ...acme }, all)).not.toBe(before);
  });

  it('keeps the busiest tenants where there is no room for all', () => {
    const memories = new SeriesMemories({ bytes: 64 * MIB, tenants: 3 });
    const third = { ...acme, name: 'third' };
    const [first, second] = [memories.of(acme, all), memories.of(other, all)];
    expect(memories.of(acme, all)).toBe(first);
    memories.of(third, all);
    expect(memories.of(acme, all)).toBe(first);
    expect(memories.of(other, all)).not.toBe(second);
  });

  it('gives no tenant more than can be addressed, however much there is', () => {
    expect(new SeriesMemories({ bytes: 8192 * MIB }).of(acme, all).turns).toBe(0);
  });
});
