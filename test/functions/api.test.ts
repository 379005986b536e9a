import { gunzipSync } from 'node:zlib';
import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { api } from '../../functions/api.ts';
import { apiOf, engineOf, NOW, resultOf, storageWith } from '../api/fixture.ts';

describe('the API function', () => {
  const engine = engineOf(() => resultOf({ kind: 'scalar', timestamp: 4000, value: 2 }));

  it('answers a GET event', async () => {
    const result = await api(event('GET', '/api/v1/query', 'query=1%2B1&time=4'), apiOf({ engine }));
    expect(result).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"status":"success","data":{"resultType":"scalar","result":[4,"2"]}}',
      isBase64Encoded: false,
    });
  });

  it('answers a form, base64 or not', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const form = 'match[]=up&match[]=down';
    const storage = await storageWith([['down', NOW, 1]]);
    for (const isBase64Encoded of [false, true]) {
      const body = isBase64Encoded ? Buffer.from(form).toString('base64') : form;
      const result = await api(
        { ...event('POST', '/api/v1/series', '', headers), body, isBase64Encoded },
        apiOf({ storage }),
      );
      expect(result.body).toBe('{"status":"success","data":[{"__name__":"down"}]}');
    }
  });

  it('sends what is compressed as base64', async () => {
    const points = Array.from({ length: 100 }, (_, i) => [`metric_${i}{job="a_long_name_of_a_job"}`, NOW, 1] as const);
    const request = event('GET', '/api/v1/series', 'match[]={job!=""}', { 'Accept-Encoding': 'gzip' });
    const result = await api(request, apiOf({ storage: await storageWith(points) }));
    expect(result).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
    const text = gunzipSync(Buffer.from(result.body ?? '', 'base64')).toString();
    expect(JSON.parse(text).data).toHaveLength(100);
  });

  it('keeps label names in paths whole', async () => {
    const storage = await storageWith([['up{job="a"}', NOW, 1]]);
    const result = await api(event('GET', '/api/v1/label/job/values', ''), apiOf({ storage }));
    expect(result.body).toBe('{"status":"success","data":["a"]}');
  });

  it('tells of every request, by its route and never by its path', async () => {
    const { fetch } = apiOf({ storage: await storageWith([]) });
    const answered: unknown[] = [];
    const report = (one: unknown) => answered.push(one);
    for (const path of ['/api/v1/label/secret/values', '/api/v1/series', '/api/v1/made/up'])
      await api(event('GET', path, ''), { fetch, report });
    const told = { requestId: 'r1', method: 'GET', durationMs: expect.any(Number) };
    expect(answered).toEqual([
      { ...told, route: '/api/v1/label/:name/values', status: 200 },
      { ...told, route: '/api/v1/series', status: 400 },
      { ...told, route: 'other', status: 404 },
    ]);
  });

  it('names the request in errors, and in the log of those that are no fault of the client', async () => {
    const warned = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const failing = apiOf({ storage: { querier: () => unreachable() } });
    const failed = await api(event('GET', '/api/v1/labels', ''), failing);
    expect(failed).toMatchObject({ statusCode: 500, headers: { 'x-request-id': 'r1' } });
    const refused = await api(event('GET', '/api/v1/series', ''), apiOf({}));
    expect(refused.headers).toMatchObject({ 'x-request-id': 'r1' });
    const answered = await api(event('GET', '/api/v1/status/buildinfo', ''), apiOf({}));
    expect(answered.headers).not.toHaveProperty('x-request-id');
    expect(warned.mock.calls).toMatchObject([
      ['answered with an error', { requestId: 'r1', route: '/api/v1/labels', status: 500 }],
    ]);
    warned.mockRestore();
  });
});

function unreachable(): never {
  throw new Error('out of reach');
}

function event(
  method: string,
  rawPath: string,
  rawQueryString: string,
  headers: Record<string, string> = {},
): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers,
    isBase64Encoded: false,
    requestContext: { requestId: 'r1', domainName: 'api.example.com', http: { method, path: rawPath } },
  } as unknown as APIGatewayProxyEventV2;
}
