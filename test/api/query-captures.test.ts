import { describe, expect } from 'vitest';
import { Engine } from '../../lib/promql/engine.ts';
import { series } from '../model/series.ts';
import { type CaptureVersion, capture, itWithCaptures } from './captures.ts';
import { apiOf, get, type Point, postForm, storageWith } from './fixture.ts';

/*
 * Whole answers compared byte for byte with Prometheus's, over the samples that those answers themselves show. Where
 * 2.42 and 3.5 differ, 3.5 is followed:
 *  - a query that is missing is told at "unknown position" (2.42: "1:1");
 *  - an expression of the wrong type in a range query names the parameter "query" (2.42: no parameter);
 *  - a label name outside the legacy alphabet is looked up (2.42: 400);
 *  - a range selector is open on its left, so a sample exactly at its beginning is out;
 *  - metadata has type, unit, help in this order (2.42: type, help, unit);
 *  - /federate names its escaping in the content type;
 *  - a timeout that is over before the query begins is told as timeout, 503 (3.5: 422, from its storage).
 */

describe('answers of Prometheus', () => {
  const q = '/api/v1/query?query=';
  const cases: readonly [CaptureVersion, string, Request][] = [
    ['2.42', 'q_up', get(`${q}up&time=1795347944.795`)],
    ['2.42', 'q_rfc3339', get(`${q}up&time=2026-11-22T11:45:44Z`)],
    ['2.42', 'q_special', get(`${q}synth_special&time=1795347944.817`)],
    ['2.42', 'q_string', get(`${q}"foo"&time=1795347944.802`)],
    ['2.42', 'q_1plus1', get(`${q}1%2B1&time=4`)],
    ['2.42', 'q_1plus1_post', postForm('/api/v1/query', { query: '1+1', time: '4' })],
    ['2.42', 'q_empty', get(`${q}nothing`)],
    ['2.42', 'q_parse_error', get(`${q}sum((`)],
    ['3.5', 'q_parse', get(`${q}sum((`)],
    ['2.42', 'q_bad_time', get(`${q}up&time=abc`)],
    ['3.5', 'q_warn_annot', get(`${q}histogram_quantile(2, nothing)`)],
    ['2.42', 'qr_up', get('/api/v1/query_range?query=up&start=1795347914&end=1795347944&step=5')],
    ['2.42', 'qr_step_dur', get('/api/v1/query_range?query=up&start=1795347914&end=1795347944&step=5s')],
    ['2.42', 'qr_scalar', get('/api/v1/query_range?query=1&start=1795347914&end=1795347944&step=15')],
    ['2.42', 'qr_11000', get('/api/v1/query_range?query=nothing&start=0&end=11000&step=1')],
    ['2.42', 'qr_11001', get('/api/v1/query_range?query=nothing&start=0&end=11001&step=1')],
  ];
  for (const [version, name, request] of cases) {
    itWithCaptures(`${name} of ${version}: ${decodeURIComponent(new URL(request.url).search)}`, async () => {
      const points = [...pointsOf('2.42', 'q_up'), ...pointsOf('2.42', 'q_special'), ...pointsOf('2.42', 'qr_up')];
      const expected = capture(version, name);
      const response = await ask(request, points);
      expect(await response.text()).toBe(expected.text);
      expect(response.status).toBe(expected.status);
      expect(response.headers.get('content-type')).toBe(expected.headers.get('content-type'));
    });
  }

  itWithCaptures('q_matrix of 2.42: the raw samples of a window', async () => {
    const response = await ask(get(`${q}up[10s]&time=1795347944.802`), pointsOf('2.42', 'q_matrix'));
    expect(await response.text()).toBe(capture('2.42', 'q_matrix').text);
  });

  itWithCaptures('q_missing_query and q_bodytype_json of 2.42, the position as in 3.5', async () => {
    const json = new Request('http://x/api/v1/query', {
      method: 'POST',
      body: '{"query":"up"}',
      headers: { 'content-type': 'application/json' },
    });
    for (const [name, request] of [
      ['q_missing_query', get('/api/v1/query')],
      ['q_bodytype_json', json],
    ] as const) {
      const expected = capture('2.42', name);
      const response = await ask(request, []);
      expect(await response.text()).toBe(expected.text.replace('1:1: parse', 'unknown position: parse'));
      expect(response.status).toBe(expected.status);
    }
  });

  itWithCaptures('qr_matrix_err of 2.42, the parameter named as in 3.5', async () => {
    const expected = capture('2.42', 'qr_matrix_err');
    const response = await ask(get('/api/v1/query_range?query=up[5m]&start=1&end=2&step=1'), []);
    expect(await response.text()).toBe(
      expected.text.replace('invalid expr', 'invalid parameter \\"query\\": invalid expr'),
    );
    expect(response.status).toBe(expected.status);
  });

  itWithCaptures('q_exec_error of 2.42: many-to-many matching', async () => {
    const expected = capture('2.42', 'q_exec_error');
    const labels = 'cpu="0",env="dev",instance="127.0.0.1:19391",job="node",team="a b \\"q\\" \\\\ ü"';
    const points = ['iowait', 'idle'].map(
      (mode): Point => [`node_cpu_seconds_total{${labels},mode="${mode}"}`, 4000, 1],
    );
    const query = 'node_cpu_seconds_total + on(job) node_cpu_seconds_total';
    const response = await ask(postForm('/api/v1/query', { query, time: '4' }), points);
    expect(response.status).toBe(expected.status);
    const { error, errorType } = (await response.json()) as { error: string; errorType: string };
    expect(errorType).toBe('execution');
    const theirs = (JSON.parse(expected.text) as { error: string }).error;
    expect(error.replace(/\[.*\]/, '')).toBe(theirs.replace(/\[.*\]/, ''));
  });

  itWithCaptures('q_limit of 3.5: the first of several, and the warning', async () => {
    const { data, warnings } = JSON.parse(capture('3.5', 'q_limit').text) as { data: unknown; warnings: unknown };
    const response = await ask(get(`${q}up&limit=1&time=1795347944.795`), pointsOf('2.42', 'q_up'));
    const ours = (await response.json()) as { data: { resultType: string; result: unknown[] }; warnings: unknown };
    expect([ours.data.result.length, ours.warnings]).toEqual([1, warnings]);
    expect(data).toMatchObject({ resultType: ours.data.resultType, result: [expect.anything()] });
  });

  itWithCaptures('q_gzip of 2.42: the same text, compressed when it is long enough', async () => {
    const points = pointsOf('2.42', 'qr_up');
    const plain = await (await ask(get('/api/v1/query?query=up[5m]&time=1795347944'), points)).text();
    const request = get('/api/v1/query?query=up[5m]&time=1795347944', { 'accept-encoding': 'gzip' });
    const response = await ask(request, points);
    expect(response.headers.get('content-encoding')).toBe(capture('2.42', 'q_gzip').headers.get('content-encoding'));
    const stream = new Blob([await response.arrayBuffer()]).stream().pipeThrough(new DecompressionStream('gzip'));
    expect(await new Response(stream).text()).toBe(plain);
  });
});

async function ask(request: Request, points: readonly Point[]): Promise<Response> {
  return apiOf({ storage: await storageWith(points), engine: new Engine({}) }).fetch(request);
}

interface CapturedSeries {
  readonly metric: Record<string, string>;
  readonly value?: [number, string];
  readonly values?: [number, string][];
}

/** The samples that an answer shows, each at the time it is shown for. */
function pointsOf(version: CaptureVersion, name: string): Point[] {
  const { result } = JSON.parse(capture(version, name).text).data as { result: readonly CapturedSeries[] };
  return result.flatMap(({ metric, value, values = value === undefined ? [] : [value] }) =>
    values.map(
      ([time, text]): Point => [
        series(`x`).with(metric),
        Math.round(time * 1000),
        Number(text.replace('Inf', 'Infinity')),
      ],
    ),
  );
}
