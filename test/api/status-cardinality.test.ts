import { describe, expect, it } from 'vitest';
import { CONTEXTS_AREA } from '../../lib/pipeline/cardinality/service-contexts.ts';
import { newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { apiOf, get, NOW, type Point, storageWith } from './fixture.ts';

const TODAY = Math.floor(NOW / 86_400_000);

describe('/api/v1/status/cardinality', () => {
  it('tells which metrics have most series, and which of their labels makes them so', async () => {
    const requests = Array.from({ length: 12 }, (_, i): Point => {
      const labels = `asserts_name="http_total", uri="/${i}", instance="${i % 3}", job="shop"`;
      return [`asserts:request:total{${labels}}`, NOW - 1000, 1];
    });
    const storage = await storageWith([
      ...requests,
      // The errors are some of the same raw series, and count once.
      ['asserts:error:total{asserts_name="http_total", uri="/1", instance="1", job="shop"}', NOW - 1000, 1],
      ['asserts:resource:gauge{asserts_name="up_total", instance="1"}', NOW - 1000, 1],
      ['asserts:resource:gauge{asserts_name="up_total", instance="2"}', NOW - 1000, 1],
      ['shop:orders:rate5m', NOW - 1000, 1],
      ['asserts:resource:gauge{asserts_name="old_total"}', NOW - 2 * 3600_000, 1],
    ]);
    const response = await apiOf({ storage }).fetch(get('/api/v1/status/cardinality'));
    expect(await response.json()).toEqual({
      status: 'success',
      data: {
        window: { mint: NOW - 3600_000, maxt: NOW },
        limits: { maxRequestContextsPerService: 100, maxMembersPerMetric: 200_000 },
        series: 15,
        metrics: [
          {
            metric: 'http_total',
            series: 12,
            labels: [
              { label: 'uri', values: 12 },
              { label: 'instance', values: 3 },
            ],
          },
          { metric: 'up_total', series: 2, labels: [{ label: 'instance', values: 2 }] },
        ],
        services: [],
        dropped: {},
      },
    });
    const data = await ask({ storage }, '?limit=1');
    expect(data.metrics).toHaveLength(1);
  });

  it('tells which services have most contexts, and whether some were folded', async () => {
    const registers = new MemoryRegisters();
    const put = (tenant: string, service: readonly string[], contexts: number, overflowed: number) => {
      const value = { contexts: Array.from({ length: contexts }, (_, i) => [`/${i}`, TODAY]), overflowed };
      return registers.replace(tenant, { area: CONTEXTS_AREA, name: JSON.stringify(service) }, 0, value);
    };
    await put('acme', ['prod', 'eu', 'shop', 'spring', 'inbound', 'cart'], 2, 0);
    await put('acme', ['prod', '', '', 'spring', 'inbound', 'web'], 5, TODAY);
    await put('other', ['prod', '', '', 'spring', 'inbound', 'secret'], 9, 0);
    const data = await ask({ registers });
    expect(data.services).toEqual([
      {
        service: { asserts_env: 'prod', asserts_source: 'spring', asserts_request_type: 'inbound', service: 'web' },
        contexts: 5,
        overflowed: new Date(NOW).toISOString().slice(0, 10),
      },
      {
        service: {
          asserts_env: 'prod',
          asserts_site: 'eu',
          namespace: 'shop',
          asserts_source: 'spring',
          asserts_request_type: 'inbound',
          service: 'cart',
        },
        contexts: 2,
      },
    ]);
  });

  it('counts what the budgets refused in the last hour', async () => {
    const ledger = new MemoryLedger();
    const entry = (id: string, timestamp: number, dropped: Record<string, number>) => {
      return { id, source: id, timestamp, tally: { ...newTally(), dropped }, examples: [] };
    };
    await ledger.record('acme', [
      entry('a', NOW - 1000, { over_member_budget: 7, no_asserts_env: 1 }),
      entry('b', NOW - 1000, { over_member_budget: 5, colliding_series: 2 }),
      entry('c', NOW - 2 * 3600_000, { over_member_budget: 100 }),
    ]);
    const data = await ask({ ledger });
    expect(data.dropped).toEqual({ over_member_budget: 12, colliding_series: 2 });
  });

  it('refuses a limit that is none', async () => {
    const response = await apiOf().fetch(get('/api/v1/status/cardinality?limit=-1'));
    expect([response.status, await response.json()]).toMatchObject([400, { errorType: 'bad_data' }]);
  });
});

interface Cardinality {
  readonly metrics: readonly unknown[];
  readonly services: readonly unknown[];
  readonly dropped: unknown;
}

async function ask(changes: Parameters<typeof apiOf>[0], parameters = ''): Promise<Cardinality> {
  const response = await apiOf(changes).fetch(get(`/api/v1/status/cardinality${parameters}`));
  return ((await response.json()) as { readonly data: Cardinality }).data;
}
