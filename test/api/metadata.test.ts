import { describe, expect, it } from 'vitest';
import type { MetricMetadata } from '../../lib/model/metadata.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { capture, itWithCaptures } from './captures.ts';
import { apiOf, get, PLAN } from './fixture.ts';

const BARE_PLAN = { ...PLAN, metadata: [] };

describe('/api/v1/metadata', () => {
  itWithCaptures('answers as Prometheus 3.5', async () => {
    const metadata = { metricFamilyName: 'nh_latency_seconds', type: 'histogram' as const, unit: '' };
    const storage = await storageOf([{ ...metadata, help: 'Native histogram latency' }]);
    const response = await apiOf({ storage, plan: BARE_PLAN }).fetch(get('/api/v1/metadata?metric=nh_latency_seconds'));
    expect(await response.text()).toBe(capture('3.5', 'metadata_nh').text);
  });

  itWithCaptures('answers every family that Prometheus 2.42 listed, help text for help text', async () => {
    const listed = JSON.parse(capture('2.42', 'metadata').text) as {
      data: Record<string, Omit<MetricMetadata, 'metricFamilyName'>[]>;
    };
    const entries = Object.entries(listed.data).flatMap(([metricFamilyName, list]) =>
      list.slice(0, 1).map((entry) => ({ metricFamilyName, ...entry })),
    );
    const response = await apiOf({ storage: await storageOf(entries), plan: BARE_PLAN }).fetch(get('/api/v1/metadata'));
    const { data } = (await response.json()) as typeof listed;
    expect(Object.keys(data)).toEqual(Object.keys(listed.data));
    for (const { metricFamilyName, ...entry } of entries) expect(data[metricFamilyName]).toEqual([entry]);
  });

  itWithCaptures('answers an unknown metric as Prometheus', async () => {
    const response = await apiOf().fetch(get('/api/v1/metadata?metric=nothing'));
    expect(await response.text()).toBe(capture('2.42', 'metadata_unknown').text);
  });

  it('joins what sources sent with what the rules say, sources first, each entry once', async () => {
    const sent = { metricFamilyName: 'asserts:requests', type: 'gauge' as const, help: 'as sent', unit: '' };
    const other = { metricFamilyName: 'a_metric', type: 'counter' as const, help: '', unit: 's' };
    const plan = { ...PLAN, metadata: [...PLAN.metadata, ...PLAN.metadata] };
    const api = apiOf({ storage: await storageOf([sent, other]), plan });
    expect(await (await api.fetch(get('/api/v1/metadata'))).text()).toBe(
      '{"status":"success","data":{"a_metric":[{"type":"counter","unit":"s","help":""}],' +
        '"asserts:requests":[{"type":"gauge","unit":"","help":"as sent"},' +
        '{"type":"counter","unit":"","help":"Requests by context"}]}}',
    );
  });

  it.each([
    ['limit=1', ['a']],
    ['limit=0', []],
    ['limit=-1', ['a', 'asserts:requests', 'b']],
    ['limit_per_metric=1', ['a', 'asserts:requests', 'b']],
  ])('keeps to %s', async (search, names) => {
    const entry = { type: 'gauge' as const, help: '', unit: '' };
    const storage = await storageOf(['b', 'a'].map((metricFamilyName) => ({ ...entry, metricFamilyName })));
    const response = await apiOf({ storage }).fetch(get(`/api/v1/metadata?${search}`));
    expect(Object.keys(((await response.json()) as { data: object }).data)).toEqual(names);
  });

  it('cuts entries of a metric to limit_per_metric', async () => {
    const sent = { metricFamilyName: 'asserts:requests', type: 'gauge' as const, help: '', unit: '' };
    const response = await apiOf({ storage: await storageOf([sent]) }).fetch(
      get('/api/v1/metadata?limit_per_metric=1'),
    );
    expect(await response.json()).toMatchObject({ data: { 'asserts:requests': [{ type: 'gauge' }] } });
  });

  it.each(['limit', 'limit_per_metric'])('refuses a %s that is no number', async (name) => {
    const response = await apiOf().fetch(get(`/api/v1/metadata?${name}=x`));
    expect(await response.json()).toEqual({
      status: 'error',
      errorType: 'bad_data',
      error: `${name} must be a number`,
    });
  });
});

async function storageOf(metadata: readonly MetricMetadata[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const appender = storage.appender('acme', 'derived');
  for (const entry of metadata) appender.appendMetadata(entry);
  await appender.commit();
  return storage;
}
