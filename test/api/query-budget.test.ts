import { describe, expect, it } from 'vitest';
import type { QueryLimits } from '../../lib/context/tenant.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { QueryOptions } from '../../lib/promql/query-options.ts';
import { apiOf, engineOf, get, NOW, resultOf, storageWith, tenantWithTokens } from './fixture.ts';

const BEARER = { authorization: 'Bearer acme-read' };
const OTHER = { authorization: 'Bearer other-read' };
const VECTOR = resultOf({ kind: 'vector', samples: [] });

describe('the budget of queries of a tenant', () => {
  it('is told to the engine; a request may ask for less time, not for more', async () => {
    const seen: QueryOptions[] = [];
    const engine = engineOf(() => VECTOR);
    engine.instantQuery = async (_, __, ___, options = {}) => {
      seen.push(options);
      return VECTOR;
    };
    const api = limited({ maxSamples: 50, timeout: 2000 }, { engine });
    for (const timeout of ['', '&timeout=1', '&timeout=60'])
      await api.fetch(get(`/api/v1/query?query=up${timeout}`, BEARER));
    expect(seen.map(({ timeout, maxSamples }) => [timeout, maxSamples])).toEqual([
      [2000, 50],
      [1000, 50],
      [2000, 50],
    ]);
  });

  it("ends a query that holds too many samples with 422, in Prometheus's words", async () => {
    const points = Array.from({ length: 20 }, (_, i) => [`up{n="${i}"}`, NOW, 1] as const);
    const api = limited({ maxSamples: 10 }, { engine: new Engine(), storage: await storageWith(points) });
    const path = `/api/v1/query?query=up&time=${NOW / 1000}`;
    const answer = await api.fetch(get(path, BEARER));
    expect([answer.status, await answer.json()]).toEqual([
      422,
      expect.objectContaining({ errorType: 'execution', error: expect.stringContaining('too many samples') }),
    ]);
    expect((await api.fetch(get(path, OTHER))).status).toBe(200);
  });

  it('refuses a range that is too long with 422', async () => {
    const api = limited({ maxRange: 3600_000 }, { engine: engineOf(() => resultOf({ kind: 'matrix', series: [] })) });
    const ask = async (seconds: number, headers = BEARER) =>
      (await api.fetch(get(`/api/v1/query_range?query=up&start=0&end=${seconds}&step=60`, headers))).status;
    expect([await ask(3600), await ask(3601), await ask(3601, OTHER)]).toEqual([200, 422, 200]);
  });

  it('refuses more queries side by side with 503, and none of another tenant', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const engine = engineOf(() => VECTOR);
    engine.instantQuery = async () => {
      await held;
      return VECTOR;
    };
    const api = limited({ maxConcurrent: 2 }, { engine });
    const ask = (headers = BEARER) => api.fetch(get('/api/v1/query?query=up', headers));
    const first = [ask(), ask()];
    await new Promise((resolve) => setImmediate(resolve));
    const refused = await ask();
    expect([refused.status, await refused.json()]).toMatchObject([503, { errorType: 'unavailable' }]);
    const other = ask(OTHER);
    release();
    expect((await Promise.all([...first, other])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await ask()).status).toBe(200);
  });

  it('counts a query that fails as over', async () => {
    const engine = engineOf(() => VECTOR);
    engine.instantQuery = () => Promise.reject(new Error('x'));
    const api = limited({ maxConcurrent: 1 }, { engine });
    for (let i = 0; i < 3; i++) expect((await api.fetch(get('/api/v1/query?query=up', BEARER))).status).toBe(500);
  });
});

function limited(queryLimits: QueryLimits, changes: Parameters<typeof apiOf>[0]) {
  return apiOf({ tenants: [{ ...tenantWithTokens('acme'), queryLimits }, tenantWithTokens('other')], ...changes });
}
