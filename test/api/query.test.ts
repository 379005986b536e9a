import { describe, expect, it } from 'vitest';
import type { QueryEngine } from '../../lib/api/dependencies.ts';
import { Labels } from '../../lib/model/labels.ts';
import type { QueryOptions } from '../../lib/promql/query-options.ts';
import type { QueryResult } from '../../lib/promql/result.ts';
import { capture, itWithCaptures } from './captures.ts';
import { apiOf, engineOf, get, NOW, postForm, resultOf } from './fixture.ts';

describe('/api/v1/query', () => {
  it('asks the engine for one time, now unless it is given', async () => {
    const asked: unknown[] = [];
    const api = apiOf({ engine: recording(asked) });
    await api.fetch(get('/api/v1/query?query=up'));
    await api.fetch(postForm('/api/v1/query?time=5', { query: '1+1', time: '4' }));
    expect(asked).toMatchObject([
      ['up', NOW, {}],
      ['1+1', 4000, {}],
    ]);
  });

  it('asks for windows as steps and ranges allow, or as the request says', async () => {
    const asked: unknown[][] = [];
    const api = apiOf({ engine: recording(asked) });
    for (const resolution of ['', 'auto', '0s', '0', '5m', '3600']) {
      await api.fetch(get(`/api/v1/query?query=up&max_source_resolution=${resolution}`));
    }
    const resolutions = asked.map(([, , options]) => (options as QueryOptions).maxSourceResolution);
    expect(resolutions).toEqual(['auto', 'auto', 0, 0, 300_000, 3_600_000]);
  });

  it.each([
    ['-1', 'invalid parameter "max_source_resolution": must be 0s, 5m, 1h or auto'],
    ['fine', 'invalid parameter "max_source_resolution": cannot parse "fine" to a valid duration'],
  ])('refuses windows of %s', async (resolution, error) => {
    const response = await apiOf().fetch(get(`/api/v1/query?query=up&max_source_resolution=${resolution}`));
    expect([response.status, await response.json()]).toEqual([400, { status: 'error', errorType: 'bad_data', error }]);
  });

  it("hands timeout, lookback_delta and the request's abort signal to the engine", async () => {
    const asked: [string, number, QueryOptions][] = [];
    await apiOf({ engine: recording(asked) }).fetch(get('/api/v1/query?query=up&timeout=1m&lookback_delta=2.5'));
    expect(asked[0]?.[2]).toMatchObject({ timeout: 60_000, lookbackDelta: 2500 });
    expect(asked[0]?.[2].signal).toBeInstanceOf(AbortSignal);
  });

  it.each([
    ['limit=x', 'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax'],
    ['limit=x&time=x&timeout=x', 'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax'],
    [
      'time=x&timeout=x',
      'invalid parameter "time": Invalid time value for \'time\': cannot parse "x" to a valid timestamp',
    ],
    ['timeout=x&lookback_delta=x', 'invalid parameter "timeout": cannot parse "x" to a valid duration'],
    ['lookback_delta=x', 'error parsing lookback delta duration: cannot parse "x" to a valid duration'],
  ])("refuses %s, the first fault in Prometheus's order", async (search, error) => {
    const response = await apiOf().fetch(get(`/api/v1/query?query=up&${search}`));
    expect([response.status, await response.json()]).toEqual([400, { status: 'error', errorType: 'bad_data', error }]);
  });

  itWithCaptures('answers a timeout of nothing as Prometheus 2.42, whose error type fits', async () => {
    const response = await apiOf().fetch(get('/api/v1/query?query=up&timeout=0'));
    const expected = capture('2.42', 'q_timeout');
    expect([response.status, await response.text()]).toEqual([expected.status, expected.text]);
  });

  it('cuts vectors and matrices to the limit and says so', async () => {
    const sample = (job: string) => ({ labels: Labels.from({ job }), timestamp: 0, value: 1 });
    const vector = engineOf(() => resultOf({ kind: 'vector', samples: [sample('a'), sample('b')] }));
    expect(await json(apiOf({ engine: vector }), '/api/v1/query?query=up&limit=1')).toEqual({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: { job: 'a' }, value: [0, '1'] }] },
      warnings: ['results truncated due to limit'],
    });
    for (const limit of ['2', '0', '']) {
      const whole = await json(apiOf({ engine: vector }), `/api/v1/query?query=up&limit=${limit}`);
      expect(whole).not.toHaveProperty('warnings');
    }
  });

  itWithCaptures('shows warnings and infos where Prometheus does', async () => {
    const warning = 'PromQL warning: quantile value should be between 0 and 1, got 2 (1:20)';
    const engine = engineOf(() => ({ ...resultOf({ kind: 'vector', samples: [] }), warnings: [warning] }));
    const response = await apiOf({ engine }).fetch(get('/api/v1/query?query=x'));
    expect(await response.text()).toBe(capture('3.5', 'q_warn_annot').text);
  });

  it('shows ten annotations of a kind and counts the rest', async () => {
    const texts = Array.from({ length: 13 }, (_, i) => `PromQL info: ${i}`);
    const engine = engineOf(() => ({ ...resultOf({ kind: 'vector', samples: [] }), warnings: texts, infos: texts }));
    const { warnings, infos } = (await json(apiOf({ engine }), '/api/v1/query?query=x')) as Record<string, unknown>;
    expect(warnings).toEqual([...texts.slice(0, 10), '3 more warning annotations omitted']);
    expect(infos).toEqual([...texts.slice(0, 10), '3 more info annotations omitted']);
  });

  it.each(['stats=all', 'stats=1'])('shows statistics with %s', async (search) => {
    const engine = engineOf(() => resultOf({ kind: 'scalar', timestamp: 0, value: 1 }));
    expect(await json(apiOf({ engine }), `/api/v1/query?query=1&${search}`)).toHaveProperty('data.stats.samples');
    expect(await json(apiOf({ engine }), '/api/v1/query?query=1&stats=')).not.toHaveProperty('data.stats');
  });
});

function recording(asked: unknown[]): QueryEngine {
  const instantQuery = async (
    _: unknown,
    query: string,
    time: number,
    options?: QueryOptions,
  ): Promise<QueryResult> => {
    asked.push([query, time, options]);
    return resultOf({ kind: 'scalar', timestamp: time, value: 1 });
  };
  return { ...engineOf(() => resultOf({ kind: 'vector', samples: [] })), instantQuery };
}

async function json(api: ReturnType<typeof apiOf>, path: string): Promise<unknown> {
  return (await api.fetch(get(path))).json();
}
