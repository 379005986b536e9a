import { describe, expect, it } from 'vitest';
import type { Backlog } from '../../lib/storage/compactor.ts';
import { apiOf, get, NOW } from './fixture.ts';

const HOUR_MS = 3600_000;

async function classesOf(backlog: (tenant: string, of: string) => Backlog): Promise<unknown> {
  const compaction = { backlog: async (tenant: string, of: string) => backlog(tenant, of), chunks: async () => 0 };
  const response = await apiOf({ compaction }).fetch(get('/api/v1/status/compaction'));
  return ((await response.json()) as { readonly data: unknown }).data;
}

describe('/api/v1/status/compaction', () => {
  it('tells of each class what waits, since when, and whether that is too much', async () => {
    const oldest = NOW - 7 * HOUR_MS;
    const data = await classesOf((tenant, of) => {
      expect(tenant).toBe('acme');
      if (of === 'normalised') return { epochs: 3, oldest, leftovers: 2 };
      return of === 'derived' ? { epochs: 1, oldest: NOW - 2.5 * HOUR_MS, leftovers: 0 } : { epochs: 0, leftovers: 0 };
    });
    expect(data).toEqual({
      now: NOW,
      classes: [
        { retentionClass: 'normalised', verdict: 'behind', epochs: 3, oldest, leftovers: 2, age: 5 * HOUR_MS },
        {
          retentionClass: 'derived',
          verdict: 'current',
          epochs: 1,
          oldest: NOW - 2.5 * HOUR_MS,
          leftovers: 0,
          age: HOUR_MS / 2,
        },
        { retentionClass: 'alerts', verdict: 'current', epochs: 0, leftovers: 0 },
      ],
    });
  });

  it('is unavailable where the store is', async () => {
    const compaction = { backlog: () => Promise.reject(new Error('gone')), chunks: async () => 0 };
    const response = await apiOf({ compaction }).fetch(get('/api/v1/status/compaction'));
    expect(response.status).toBe(500);
  });
});
