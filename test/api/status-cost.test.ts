import { describe, expect, it } from 'vitest';
import { UsageBook } from '../../lib/pipeline/usage-book.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { newUsage } from '../../lib/storage/usage.ts';
import { apiOf, get, NOW } from './fixture.ts';

const HOUR = 3600_000;
const THIS_HOUR = Math.floor(NOW / HOUR) * HOUR;

interface Cost {
  readonly window: { readonly mint: number; readonly maxt: number };
  readonly since?: number;
  readonly prices: unknown;
  readonly terms: readonly { readonly term: string; readonly units: number; readonly dollars: number }[];
  readonly total: number;
}

async function costOf(usage: MemoryLedger, parameters = ''): Promise<Cost> {
  const response = await apiOf({ usage }).fetch(get(`/api/v1/status/cost${parameters}`));
  return ((await response.json()) as { readonly data: Cost }).data;
}

async function recorded(...entries: readonly [tenant: string, hoursAgo: number, writeUnits: number][]) {
  const usage = new MemoryLedger();
  for (const [i, [tenant, hoursAgo, writeUnits]] of entries.entries()) {
    const timestamp = NOW - hoursAgo * HOUR;
    await usage.recordUsage(tenant, { id: `e${i}`, timestamp, usage: { evaluate: { ...newUsage(), writeUnits } } });
  }
  return usage;
}

describe('/api/v1/status/cost', () => {
  it('bills the tenant for the window, a month unless told', async () => {
    const usage = await recorded(['acme', 1, 1e6], ['acme', 29 * 24, 1e6], ['acme', 31 * 24, 1e6], ['other', 1, 5e6]);
    const data = await costOf(usage);
    expect(data).toEqual({
      window: { mint: THIS_HOUR - 30 * 24 * HOUR, maxt: NOW },
      since: THIS_HOUR - 29 * 24 * HOUR,
      prices: { region: 'us-east-1', readOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
      terms: [
        { term: 'evaluate writes', units: 2e6, unit: 'write units', price: 0.625e-6, dollars: 1.25, isEstimate: false },
      ],
      total: 1.25,
    });
    expect((await costOf(usage, '?window=90m')).terms).toMatchObject([{ units: 1e6 }]);
    expect((await costOf(usage, '?window=1y')).terms).toMatchObject([{ units: 3e6 }]);
  });

  it('says nothing of a tenant that took nothing', async () => {
    const data = await costOf(new MemoryLedger());
    expect([data.terms, data.total, data.since]).toEqual([[], 0, undefined]);
  });

  it.each(['0', '-1h', '366d', 'soon'])('refuses the window %s', async (window) => {
    const response = await apiOf().fetch(get(`/api/v1/status/cost?window=${window}`));
    expect([response.status, await response.json()]).toMatchObject([400, { errorType: 'bad_data' }]);
  });

  it('counts answers of the API, those that fail too, on the tenant’s account', async () => {
    const usage = new MemoryLedger();
    const meter = { take: () => ({ writeUnits: 0, readUnits: 3, kept: {} }) };
    const log = { warn: () => expect.unreachable() };
    let id = 0;
    let now = NOW;
    const usageBook = new UsageBook({
      work: 'api',
      meter,
      recorder: usage,
      now: () => now,
      newId: () => String(id++),
      log,
    });
    const api = apiOf({ usage, usageBook });
    await api.fetch(get('/api/v1/labels'));
    now += 60_000;
    await api.fetch(get('/api/v1/status/cost?window=soon'));
    now += 60_000;
    await api.fetch(get('/federate?match[]=up'));
    now += 60_000;
    await api.fetch(get('/status'));
    await api.fetch(get('/-/healthy'));
    const { terms } = await costOf(usage);
    const units = Object.fromEntries(terms.map(({ term, units: count }) => [term, count]));
    expect(units).toMatchObject({ 'api requests': 4, 'api invocations': 4, 'api reads': 12 });
    expect(units['api compute']).toBeGreaterThan(0);
  });
});
