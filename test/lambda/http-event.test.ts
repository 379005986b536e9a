import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { answerEvent, requestOf, resultOf } from '../../lib/lambda/http-event.ts';
import { intakeRequestOf, intakeResultOf } from '../../lib/lambda/intake-event.ts';

describe('requestOf', () => {
  it('keeps method, path, repeated query keys, headers and cookies', () => {
    const request = requestOf(
      event({
        rawPath: '/api/v1/series',
        rawQueryString: 'match[]=up&match[]=%7Bjob%3D%22a%22%7D&start=1',
        headers: { Accept: 'text/plain', 'x-many': 'a,b' },
        cookies: ['a=1', 'b=2'],
      }),
    );
    const url = new URL(request.url);
    expect([request.method, url.pathname]).toEqual(['GET', '/api/v1/series']);
    expect(url.searchParams.getAll('match[]')).toEqual(['up', '{job="a"}']);
    expect(Object.fromEntries(request.headers)).toEqual({
      accept: 'text/plain',
      'x-many': 'a,b',
      cookie: 'a=1; b=2',
      'x-request-id': 'request-1',
    });
  });

  it('has the request id of the gateway, and never one that the client made up', () => {
    const forged = event({ headers: { 'X-Request-Id': 'forged' } });
    expect(requestOf(forged).headers.get('x-request-id')).toBe('request-1');
    const unnamed = { ...forged, requestContext: { ...forged.requestContext, requestId: '' } };
    expect(requestOf(unnamed).headers.get('x-request-id')).toBeNull();
  });

  it.each([
    ['text', { body: 'query=up&time=1', isBase64Encoded: false }, 'query=up&time=1'],
    ['base64', { body: Buffer.from('é=1').toString('base64'), isBase64Encoded: true }, 'é=1'],
  ])('reads a body carried as %s', async (_, parts, text) => {
    expect(await requestOf(event({ ...parts }, 'POST')).text()).toBe(text);
  });

  it('gives a GET no body, and a POST none where there is none', async () => {
    expect(requestOf(event({ body: 'x' })).body).toBeNull();
    expect(await requestOf(event({}, 'POST')).text()).toBe('');
  });

  it.each([
    ['/api/v1/label/a b/values', '/api/v1/label/a%20b/values'],
    ['/api/v1/label/a?b/values', '/api/v1/label/a%3Fb/values'],
    ['/api/v1/label/a#b/values', '/api/v1/label/a%23b/values'],
    ['/api/v1/label/100%/values', '/api/v1/label/100%25/values'],
    ['/api/v1/label/a%20b/values', '/api/v1/label/a%20b/values'],
    ['/api/v1/label/é/values', '/api/v1/label/%C3%A9/values'],
  ])('keeps the path %s whole', (rawPath, pathname) => {
    expect(new URL(requestOf(event({ rawPath, rawQueryString: 'x=1' })).url)).toMatchObject({
      pathname,
      search: '?x=1',
    });
  });
});

describe('answerEvent', () => {
  const echo = async (request: Request) => new Response(request.headers.get('x-name'));

  it.each([
    ['a header with a line break', { headers: { 'x-name': 'a\r\nset-cookie: b=1' } }],
    ['a header with a NUL', { headers: { 'x-name': 'a\0b' } }],
    ['a header without a name', { headers: { '': 'a' } }],
    ['a name that is none', { headers: { 'x name': 'a' } }],
  ])('answers 400 to %s', async (_, parts) => {
    const result = await answerEvent(event(parts), echo);
    expect(result.statusCode).toBe(400);
    expect(result.body).toMatch(/^cannot read the request: /);
  });

  it('reads headers in UTF-8 as bytes', async () => {
    const { statusCode, body } = await answerEvent(event({ headers: { 'x-name': '日本' } }), echo);
    expect([statusCode, Buffer.from(body ?? '', 'latin1').toString()]).toEqual([200, '日本']);
  });

  it('passes faults of the answer on', async () => {
    await expect(answerEvent(event({}), () => Promise.reject(new TypeError('ours')))).rejects.toThrow('ours');
  });
});

describe('resultOf', () => {
  it('sends text as text', async () => {
    const response = new Response('{"é":1}', {
      status: 422,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(await resultOf(response)).toEqual({
      statusCode: 422,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  it.each([
    ['compressed text', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
    ['an image', { 'content-type': 'image/png' }],
    ['protobuf', { 'content-type': 'application/x-protobuf' }],
    ['what says nothing of itself', {}],
  ])('sends %s as base64, byte by byte', async (_, headers) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const result = await resultOf(new Response(bytes, { headers }));
    expect(result.isBase64Encoded).toBe(true);
    expect(new Uint8Array(Buffer.from(result.body ?? '', 'base64'))).toEqual(bytes);
  });

  it('sends no body where there is none', async () => {
    const result = await resultOf(new Response(null, { status: 204 }));
    expect(result).toEqual({ statusCode: 204, headers: {}, isBase64Encoded: false });
  });

  it('hands cookies over one by one', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2'],
      ['x-other', '3'],
    ]);
    const result = await resultOf(new Response('', { headers }));
    expect(result).toMatchObject({ cookies: ['a=1; Path=/', 'b=2'], headers: { 'x-other': '3' } });
    expect(result.headers).not.toHaveProperty('set-cookie');
  });
});

describe('intakeRequestOf', () => {
  it('is lean: lower-case headers, the bytes of the body, time and id', () => {
    const bytes = Uint8Array.of(0, 255, 128, 7);
    const parts = {
      headers: { 'Content-Type': 'application/x-protobuf' },
      body: Buffer.from(bytes).toString('base64'),
    };
    const { body, ...request } = intakeRequestOf(event({ ...parts, isBase64Encoded: true }, 'POST'));
    expect(request).toEqual({
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      receivedAt: 1_795_000_000_000,
      requestId: 'request-1',
    });
    expect(new Uint8Array(body)).toEqual(bytes);
  });

  it('has an empty body where the event has none', () => {
    expect(intakeRequestOf(event({}, 'POST')).body).toHaveLength(0);
  });
});

describe('intakeResultOf', () => {
  it('leaves out an empty body', () => {
    expect(intakeResultOf({ status: 204, headers: { A: '1' }, body: '', outcome: {} }, 'r1')).toEqual({
      statusCode: 204,
      headers: { A: '1' },
    });
    expect(intakeResultOf({ status: 400, headers: {}, body: 'why', outcome: {} }, '')).toMatchObject({ body: 'why' });
  });

  it('names the request in an error', () => {
    const headers = { 'Retry-After': '5' };
    expect(intakeResultOf({ status: 503, headers, body: 'why', outcome: {} }, 'r1').headers).toEqual({
      'Retry-After': '5',
      'x-request-id': 'r1',
    });
  });
});

function event(parts: Partial<APIGatewayProxyEventV2>, method = 'GET'): APIGatewayProxyEventV2 {
  const rawPath = parts.rawPath ?? '/';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: {},
    isBase64Encoded: false,
    requestContext: {
      accountId: '1',
      apiId: 'api',
      domainName: 'api.example',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: '$default',
      stage: '$default',
      time: '22/Nov/2026:00:00:00 +0000',
      timeEpoch: 1_795_000_000_000,
    },
    ...parts,
  };
}
