import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, newApi } from '../../lib/api/app.ts';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_SCOPE, type QuerySource } from '../../lib/context/tenant.ts';
import { sourceClients } from '../../lib/pipeline/query-source-clients.ts';
import { type FakeServer, LOCAL_ACCESS, startFakeServer } from '../remote/fake-server.ts';
import { dependenciesOf, NOW, tenantWithTokens } from './fixture.ts';

const HISTOGRAM = '{"count":"3","sum":"2.5","buckets":[[0,"0.5","1","2"],[3,"-0.001","0.001","1"]]}';
const VECTOR = `{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1795347944.795,"1.5"]},{"metric":{},"histogram":[1795347944.795,${HISTOGRAM}]}]}`;
const MATRIX = '{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[60,"NaN"],[120,"+Inf"]]}]}';

describe('/api/v1/sources/<name>', () => {
  let server: FakeServer;
  let api: Api;

  beforeAll(async () => {
    server = await startFakeServer(({ url, body }, response) => {
      const form = new URLSearchParams(body.toString());
      const query = form.get('query') ?? '';
      if (query === 'slow') return undefined;
      if (query === 'html') return response.writeHead(502).end('<html>');
      if (query === 'huge') return response.end('x'.repeat(3_000_000));
      const [status, errorType] = query.split(' ');
      if (errorType !== undefined) {
        return response
          .writeHead(Number(status))
          .end(`{"status":"error","errorType":"${errorType}","error":"no ${query}"}`);
      }
      if (query === 'one')
        return response.end('{"status":"success","data":{"resultType":"scalar","result":[4.5,"1"]}}');
      const data = url.pathname.endsWith('range') ? MATRIX : VECTOR;
      return response.end(`{"status":"success","data":${data},"warnings":["half of it"]}`);
    });
    const source: QuerySource = {
      name: 'prom',
      type: 'query',
      url: server.url,
      interval: 60_000,
      timeout: 500,
      delay: 0,
      maxCatchUp: 60_000,
      access: LOCAL_ACCESS,
      limits: { ...DEFAULT_ANSWER_LIMITS, maxBodyBytes: 2_000_000 },
      scope: DEFAULT_SCOPE,
    };
    const tenants = [{ ...tenantWithTokens('acme'), sources: [source] }, tenantWithTokens('other')];
    api = newApi(dependenciesOf({ tenants, sourceClient: sourceClients((text) => text) }));
  });

  afterAll(() => server.close());

  const post = (path: string, form: Record<string, string>, token = 'acme-read') =>
    api.fetch(
      new Request(`http://tributary/api/v1/sources/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      }),
    );

  it("gives the server's answer, histograms included, with its warnings", async () => {
    const response = await post('prom/query', { query: 'up' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'success', data: JSON.parse(VECTOR), warnings: ['half of it'] });
    const form = new URLSearchParams(server.seen.at(-1)?.body.toString());
    expect(Object.fromEntries(form)).toEqual({ query: 'up', time: (NOW / 1000).toFixed(3), timeout: '500ms' });
  });

  it('asks over ranges', async () => {
    const response = await post('prom/query_range', {
      query: 'up',
      start: '60',
      end: '120',
      step: '1m',
      timeout: '100ms',
    });
    expect(await response.json()).toMatchObject({ data: JSON.parse(MATRIX) });
    const form = new URLSearchParams(server.seen.at(-1)?.body.toString());
    expect(Object.fromEntries(form)).toEqual({
      query: 'up',
      start: '60.000',
      end: '120.000',
      step: '60.000',
      timeout: '100ms',
    });
  });

  it('gives scalars', async () => {
    const response = await post('prom/query', { query: 'one' });
    expect(await response.json()).toMatchObject({ data: { resultType: 'scalar', result: [4.5, '1'] } });
  });

  it.each([
    ['400 bad_data', 400, 'bad_data', /^source prom: no 400 bad_data$/],
    ['422 execution', 422, 'execution', /no 422/],
    ['503 timeout', 503, 'timeout', /no 503/],
    ['422 422', 422, 'execution', /no 422/],
    ['400 400', 400, 'bad_data', /no 400/],
    ['500 internal', 503, 'unavailable', /answers 500 internal/],
    ['html', 503, 'unavailable', /answers 502/],
    ['slow', 503, 'timeout', /no whole answer within 0\.5 s/],
    ['huge', 422, 'execution', /larger than 2000000 bytes.*ask for less/],
    ['', 400, 'bad_data', /"query": is missing/],
  ])('answers %s with %i %s', async (query, status, errorType, text) => {
    const response = await post('prom/query', { query });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status: 'error', errorType, error: expect.stringMatching(text) });
  });

  it('knows only the sources of the tenant, and only who may read', async () => {
    const unknown = await post('other/query', { query: 'up' });
    expect([unknown.status, await unknown.json()]).toMatchObject([
      404,
      { error: 'there is no query source "other"; this tenant has prom' },
    ]);
    expect((await post('prom/query', { query: 'up' }, 'other-read')).status).toBe(404);
    expect((await post('prom/query', { query: 'up' }, 'acme-write')).status).toBe(403);
    expect((await post('prom/query', { query: 'up' }, 'nobody')).status).toBe(401);
    expect((await api.fetch(new Request('http://tributary/api/v1/sources/prom/query?query=up'))).status).toBe(405);
    expect((await post('prom/query_range', { query: 'up', start: '2', end: '1', step: '1' })).status).toBe(400);
  });
});
