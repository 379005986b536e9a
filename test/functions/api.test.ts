import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
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
});

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
    requestContext: { domainName: 'api.example.com', http: { method, path: rawPath } },
  } as unknown as APIGatewayProxyEventV2;
}
