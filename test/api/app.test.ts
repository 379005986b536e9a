import { describe, expect, it } from 'vitest';
import { newApi } from '../../lib/api/app.ts';
import { ROUTES } from '../../lib/api/routes.ts';
import { ExecutionError, ParseError, QueryCanceledError, QueryTimeoutError } from '../../lib/promql/errors.ts';
import { StorageUnavailableError } from '../../lib/storage/errors.ts';
import type { Querier, Storage } from '../../lib/storage/interface.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { capture, itWithCaptures } from './captures.ts';
import { apiOf, dependenciesOf, engineOf, get, postForm } from './fixture.ts';

const GET_ONLY = ['/metadata', '/rules', '/alerts', '/status/buildinfo', '/status/intake', '/label/job/values'];

describe('routes', () => {
  it('takes forms exactly where a query or a selector may be long', () => {
    const takingForms = ROUTES.filter(({ methods }) => methods.includes('POST')).map(({ path }) => path);
    expect(takingForms.sort()).toEqual(
      [
        '/explain',
        '/format_query',
        '/labels',
        '/parse_query',
        '/query',
        '/query_exemplars',
        '/query_range',
        '/series',
      ].sort(),
    );
  });

  itWithCaptures('answers a method that a path does not take as Prometheus', async () => {
    const expected = capture('2.42', 'delete_method');
    for (const path of ['/query', '/series', '/labels']) {
      const response = await apiOf().fetch(new Request(`http://x/api/v1${path}`, { method: 'DELETE' }));
      expect(await shape(response)).toEqual(shapeOf(expected));
    }
  });

  itWithCaptures('answers a form on /federate as Prometheus', async () => {
    const response = await apiOf().fetch(postForm('/federate', { 'match[]': 'up' }));
    expect(await shape(response)).toEqual(shapeOf(capture('2.42', 'federate_post')));
  });

  it.each(GET_ONLY)('answers a form on %s with 405, after which Grafana tries GET', async (path) => {
    const response = await apiOf().fetch(postForm(`/api/v1${path}`, {}));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, OPTIONS']);
  });

  itWithCaptures('answers an unknown path as Prometheus', async () => {
    const expected = shapeOf(capture('2.42', 'notfound'));
    for (const path of [
      '/api/v1/nothing',
      '/api/v1',
      '/nothing',
      '/',
      '/api/v1/status/config',
      '/api/v1/label/values',
    ]) {
      expect(await shape(await apiOf().fetch(get(path)))).toEqual(expected);
    }
  });

  itWithCaptures('answers OPTIONS under /api/v1 as Prometheus', async () => {
    const expected = capture('2.42', 'options');
    for (const path of ['/api/v1/query', '/api/v1/anything', '/api/v1/label/job/values']) {
      const response = await apiOf().fetch(new Request(`http://x${path}`, { method: 'OPTIONS' }));
      expect([response.status, await response.text()]).toEqual([expected.status, expected.text]);
    }
  });

  it.each(['/-/healthy', '/-/ready'])('says on %s that it is up, to everybody', async (path) => {
    const response = await apiOf({ tenants: [], anonymousTenant: undefined as never }).fetch(get(path));
    expect(response.status).toBe(200);
    expect(await response.text()).toMatch(/^Tributary is \w+\.\n$/);
  });

  it('cannot serve an anonymous tenant that is not configured', () => {
    expect(() => newApi(dependenciesOf({ anonymousTenant: 'ghost' }))).toThrow(
      'cannot serve anonymous requests as tenant ghost: configured are acme,other',
    );
  });
});

describe('errors', () => {
  it.each([
    [new ParseError('1:1: parse error: x'), 400, 'bad_data', 'invalid parameter "query": 1:1: parse error: x'],
    [new ExecutionError('many-to-many <matching>'), 422, 'execution', 'many-to-many <matching>'],
    [new QueryTimeoutError('query timed out'), 503, 'timeout', 'query timed out'],
    [new QueryCanceledError('query was canceled'), 499, 'canceled', 'query was canceled'],
  ])('%o is told as it is', async (error, status, errorType, message) => {
    const response = await apiOf({ engine: failing(error) }).fetch(get('/api/v1/query?query=up'));
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ status: 'error', errorType, error: message });
  });

  it('escapes errors for HTML', async () => {
    const response = await apiOf({ engine: failing(new ExecutionError('<b>')) }).fetch(get('/api/v1/query?query=up'));
    expect(await response.text()).toBe('{"status":"error","errorType":"execution","error":"\\u003cb\\u003e"}');
  });

  it.each([
    [new Error('arn:aws:dynamodb:secret'), 500, 'internal'],
    [new StorageUnavailableError('table secret is throttled'), 503, 'unavailable'],
  ])('%o is kept from the client and told to the operator', async (error, status, errorType) => {
    const told: unknown[] = [];
    const onInternalError = (cause: unknown) => told.push(cause);
    for (const path of ['/api/v1/query?query=up', '/api/v1/query_range?query=up&start=0&end=1&step=1']) {
      const response = await apiOf({ engine: failing(error), onInternalError }).fetch(get(path));
      const body = await response.text();
      expect([response.status, JSON.parse(body).errorType]).toEqual([status, errorType]);
      expect(body).not.toContain('secret');
    }
    expect(told).toEqual([error, error]);
  });
});

it('tells a client that went away 499, whatever its leaving made fail', async () => {
  const controller = new AbortController();
  const told: unknown[] = [];
  const request = new Request('http://x/api/v1/query?query=up', { signal: controller.signal });
  const engine = engineOf(() => {
    controller.abort();
    throw new Error('aborted reading');
  });
  const response = await apiOf({ engine, onInternalError: (error) => told.push(error) }).fetch(request);
  expect([response.status, await response.json(), told]).toMatchObject([499, { errorType: 'canceled' }, []]);
});

it('ends a request that takes too long, with what was left of its time as the reason', async () => {
  const querier: Querier = {
    ...new MemoryStorage().querier('acme'),
    series: ({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  };
  const storage: Storage = { ...new MemoryStorage(), appender: never, querier: () => querier };
  const told: unknown[] = [];
  const api = apiOf({ storage, requestTimeoutMs: 20, onInternalError: (error) => told.push(error) });
  const response = await api.fetch(postForm('/api/v1/series', { 'match[]': 'up' }));
  expect([response.status, await response.json(), told]).toMatchObject([503, { errorType: 'timeout' }, []]);
});

describe('CORS', () => {
  const cors = { origins: ['https://grafana.example.com'] };

  it('is off unless configured', async () => {
    const response = await apiOf().fetch(get('/api/v1/rules', { origin: 'https://grafana.example.com' }));
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('admits the configured origins on every answer, errors and preflights too', async () => {
    const api = apiOf({ cors });
    const headers = { origin: 'https://grafana.example.com' };
    const preflight = new Request('http://x/api/v1/query', { method: 'OPTIONS', headers });
    for (const request of [get('/api/v1/rules', headers), get('/api/v1/query_range', headers), preflight]) {
      const response = await api.fetch(request);
      expect(response.headers.get('access-control-allow-origin')).toBe('https://grafana.example.com');
      expect(response.headers.get('access-control-allow-headers')).toContain('Authorization');
      expect(response.headers.get('vary')).toBe('Origin');
    }
  });

  it('admits no other origin', async () => {
    for (const origin of ['https://evil.example.com', 'https://grafana.example.com.evil.com', 'null']) {
      const response = await apiOf({ cors }).fetch(get('/api/v1/rules', { origin }));
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('admits any origin where the policy says so', async () => {
    const response = await apiOf({ cors: { origins: ['*'] } }).fetch(get('/api/v1/rules', { origin: 'https://a.b' }));
    expect(response.headers.get('access-control-allow-origin')).toBe('https://a.b');
  });
});

function never(): never {
  throw new Error('BUG: nothing is written');
}

function failing(error: Error) {
  return engineOf(() => {
    throw error;
  });
}

const COMPARED_HEADERS = ['content-type', 'allow', 'x-content-type-options'] as const;

async function shape(response: Response) {
  return shapeOf({ status: response.status, headers: response.headers, text: await response.text() });
}

function shapeOf({ status, headers, text }: { status: number; headers: Headers; text: string }) {
  return { status, text, headers: COMPARED_HEADERS.map((name) => headers.get(name)) };
}
