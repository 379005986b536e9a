import { describe, expect, it } from 'vitest';
import type { QueryEngine } from '../../lib/api/dependencies.ts';
import { capture, itWithCaptures } from './captures.ts';
import { apiOf, engineOf, get, postForm, resultOf } from './fixture.ts';

const EMPTY = engineOf(() => resultOf({ kind: 'matrix', series: [] }));

describe('/api/v1/query_range', () => {
  it('asks the engine for a range in ms', async () => {
    const asked: unknown[] = [];
    const rangeQuery: QueryEngine['rangeQuery'] = async (_, query, range) => {
      asked.push([query, range]);
      return resultOf({ kind: 'matrix', series: [] });
    };
    const api = apiOf({ engine: { ...EMPTY, rangeQuery } });
    await api.fetch(get('/api/v1/query_range?query=up&start=1.5&end=1970-01-01T00:00:10Z&step=1m'));
    await api.fetch(postForm('/api/v1/query_range', { query: 'up', start: '1', end: '1', step: '0.0015' }));
    expect(asked).toEqual([
      ['up', { start: 1500, end: 10_000, step: 60_000 }],
      ['up', { start: 1000, end: 1000, step: 1 }],
    ]);
  });

  const captured: readonly [name: string, search: string][] = [
    ['qr_end_before', 'start=10&end=5&step=1'],
    ['qr_zero_step', 'start=0&end=5&step=0'],
    ['qr_missing', ''],
    ['qr_11001', 'start=0&end=11001&step=1'],
    ['qr_11000', 'start=0&end=11000&step=1'],
  ];
  for (const [name, search] of captured) {
    itWithCaptures(`answers ${search || 'no parameters'} as Prometheus`, async () => {
      const response = await apiOf({ engine: EMPTY }).fetch(get(`/api/v1/query_range?query=nothing&${search}`));
      const expected = capture('2.42', name);
      expect([response.status, await response.text()]).toEqual([expected.status, expected.text]);
      expect(response.headers.get('content-type')).toBe(expected.headers.get('content-type'));
    });
  }

  it.each([
    ['start=0&end=5&step=-1', /step": zero or negative query resolution step widths/],
    ['start=0&end=5&step=', /step": cannot parse "" to a valid duration/],
    ['start=0&end=5&step=abc', /step": cannot parse "abc" to a valid duration/],
    ['start=0&end=5', /step": cannot parse "" to a valid duration/],
    ['start=0&step=1', /end": cannot parse "" to a valid timestamp/],
    ['start=0&end=0.001&step=0.0005', /step": 0.0005 is less than a millisecond, the finest step/],
    ['start=0&end=5&step=1&limit=-2', /limit": limit must be non-negative/],
  ])('refuses %s', async (search, error) => {
    const response = await apiOf().fetch(get(`/api/v1/query_range?query=up&${search}`));
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toMatch(error);
  });
});
