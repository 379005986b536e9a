import { beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../lib/api/app.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { apiOf, get, NOW, type Point, postForm, storageWith } from './fixture.ts';

/**
 * What Grafana's Prometheus data source sends, in the order it does: saving the data source, opening the query editor,
 * drawing a panel, filling a dashboard's variables. `expected` is what its code needs of `data`.
 */
const CALLS: readonly { readonly does: string; readonly request: Request; readonly expected: unknown }[] = [
  {
    does: 'Save & Test: an instant query of 1+1 at time 4, as a form',
    request: postForm('/api/v1/query', { query: '1+1', time: '4' }),
    expected: { resultType: 'scalar', result: [4, '2'] },
  },
  {
    does: 'Save & Test with httpMethod GET',
    request: get('/api/v1/query?query=1%2B1&time=4'),
    expected: { resultType: 'scalar', result: [4, '2'] },
  },
  {
    does: 'Save & Test: which server this is',
    request: get('/api/v1/status/buildinfo'),
    expected: { version: expect.stringMatching(/^\d+\.\d+\.\d+$/), revision: 'plan-1' },
  },
  {
    does: 'startup: recording rules to expand',
    request: get('/api/v1/rules'),
    expected: { groups: [] },
  },
  { does: 'startup: alerts', request: get('/api/v1/alerts'), expected: { alerts: [] } },
  {
    does: 'startup: the probe for exemplars, with times in milliseconds',
    request: get(`/api/v1/query_exemplars?query=test&start=${NOW - 1800_000}&end=${NOW}`),
    expected: [],
  },
  {
    does: 'editor: metric names',
    request: get(`/api/v1/label/__name__/values?start=${NOW / 1000 - 3600}&end=${NOW / 1000}`),
    expected: ['http_requests_total', 'up'],
  },
  {
    does: 'editor: metric names, of a catch-all with the series limit',
    request: get('/api/v1/label/__name__/values?match[]=%7B__name__!%3D%22%22%7D&limit=40000'),
    expected: ['http_requests_total', 'up'],
  },
  {
    does: 'editor: label names of a metric, as a form',
    request: postForm('/api/v1/labels', { 'match[]': '{__name__="up"}', start: '0', end: `${NOW / 1000}` }),
    expected: ['__name__', 'job'],
  },
  {
    does: 'editor: label names of all metrics, after POST was not tried',
    request: get('/api/v1/labels?match[]=%7B__name__%3D~%22.%2B%22%7D&limit=40000'),
    expected: ['__name__', 'code', 'job'],
  },
  {
    does: 'editor: types and help',
    request: get('/api/v1/metadata'),
    expected: { 'asserts:requests': [{ type: 'counter', unit: '', help: 'Requests by context' }] },
  },
  {
    does: 'editor: series of a metric, as a form',
    request: postForm('/api/v1/series', { 'match[]': 'up{job="api"}', start: '0', end: `${NOW / 1000}` }),
    expected: [{ __name__: 'up', job: 'api' }],
  },
  {
    does: 'panel: a range with a float start and an interval as step',
    request: postForm('/api/v1/query_range', {
      query: 'sum(up{job=~"$__all|api|web"})',
      start: `${NOW / 1000 - 30}`,
      end: `${NOW / 1000}`,
      step: '15',
      timeout: '30s',
    }),
    expected: {
      resultType: 'matrix',
      result: [{ metric: {}, values: [NOW - 30_000, NOW - 15_000, NOW].map((time) => [time / 1000, '2']) }],
    },
  },
  {
    does: 'panel: an instant table',
    request: postForm('/api/v1/query', { query: 'up == 1', time: `${NOW / 1000}` }),
    expected: {
      resultType: 'vector',
      result: ['api', 'web'].map((job) => ({ metric: { __name__: 'up', job }, value: [NOW / 1000, '1'] })),
    },
  },
  {
    does: 'variable: label_values(up, job)',
    request: get(`/api/v1/label/job/values?match[]=up&start=${NOW / 1000 - 3600}&end=${NOW / 1000}`),
    expected: ['api', 'web'],
  },
  {
    does: 'variable: query_result(…)',
    request: get(`/api/v1/query?query=topk(1%2C%20http_requests_total)&time=${NOW / 1000}`),
    expected: {
      resultType: 'vector',
      result: [{ metric: { __name__: 'http_requests_total', code: '200', job: 'api' }, value: [NOW / 1000, '70'] }],
    },
  },
];

/** Every 15 s for an hour, as a scrape would have left them. */
const POINTS: readonly Point[] = Array.from({ length: 240 }, (_, i) => NOW - i * 15_000).flatMap((time, i): Point[] => [
  ['up{job="api"}', time, 1],
  ['up{job="web"}', time, 1],
  ['http_requests_total{job="api",code="200"}', time, 70 - i / 10],
]);

describe("Grafana's data source", () => {
  let api: Api;

  beforeAll(async () => {
    api = apiOf({ storage: await storageWith(POINTS), engine: new Engine({}) });
  });

  it.each(CALLS)('$does', async ({ request, expected }) => {
    const response = await api.fetch(request.clone());
    const body = (await response.json()) as { status: string; data: unknown };
    expect([response.status, body.status]).toEqual([200, 'success']);
    if (Array.isArray(expected)) expect(body.data).toEqual(expected);
    else expect(body.data).toMatchObject(expected as object);
  });

  it('is not taken for Grafana Mimir', async () => {
    const { data } = (await (await api.fetch(get('/api/v1/status/buildinfo'))).json()) as { data: object };
    expect(data).not.toHaveProperty('features');
  });

  it('shows the annotations of a query', async () => {
    const response = await api.fetch(postForm('/api/v1/query', { query: 'rate(up[5m])', time: `${NOW / 1000}` }));
    expect(await response.json()).toMatchObject({ infos: [expect.stringMatching(/^PromQL info: .* \(1:6\)$/)] });
  });
});
