import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../local/http-server.ts';

const MB = 1024 * 1024;

describe('the local HTTP API', () => {
  const events: APIGatewayProxyEventV2[] = [];
  const errors: [unknown, string][] = [];
  let respond: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyResultV2>;
  let server: HttpServer;

  const options: HttpServerOptions = {
    routes: [
      { method: 'POST', path: '/api/v1/write', functionName: 'write' },
      { method: 'GET', path: '/api/v1/{proxy+}', functionName: 'api' },
    ],
    handlers: { write: handler, api: handler },
    host: '127.0.0.1',
    port: 0,
    onError: (error, request) => errors.push([error, request]),
    trustedHosts: new Set(['127.0.0.1', 'localhost']),
    timeoutMs: 500,
  };

  beforeAll(async () => {
    server = await startHttpServer(options);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    events.length = 0;
    errors.length = 0;
    respond = async () => ({ statusCode: 204 });
  });

  async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyResultV2> {
    events.push(event);
    return respond(event);
  }

  describe('events', () => {
    it('have the form of payload 2.0', async () => {
      const before = Date.now();
      await send({
        path: '/api/v1/label/a%20b%2Fc/values?match[]=up%7B%7D&match[]=x&start=1%2B2&e=',
        headers: { 'X-Two': ['1', '2'], Cookie: 'a=1; b=2', 'User-Agent': 'test/1', Accept: '*/*' },
      });
      const [event] = events;
      expect(event).toEqual({
        version: '2.0',
        routeKey: 'GET /api/v1/{proxy+}',
        rawPath: '/api/v1/label/a b/c/values',
        rawQueryString: 'match[]=up%7B%7D&match[]=x&start=1%2B2&e=',
        cookies: ['a=1', 'b=2'],
        headers: {
          accept: '*/*',
          host: `127.0.0.1:${server.port}`,
          'user-agent': 'test/1',
          'x-two': '1,2',
          'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-port': String(server.port),
          'x-forwarded-proto': 'http',
        },
        queryStringParameters: { 'match[]': 'up{},x', start: '1+2', e: '' },
        pathParameters: { proxy: 'label/a b/c/values' },
        requestContext: {
          accountId: '000000000000',
          apiId: 'local',
          domainName: `127.0.0.1:${server.port}`,
          domainPrefix: 'local',
          http: {
            method: 'GET',
            path: '/api/v1/label/a b/c/values',
            protocol: 'HTTP/1.1',
            sourceIp: '127.0.0.1',
            userAgent: 'test/1',
          },
          requestId: expect.any(String),
          routeKey: 'GET /api/v1/{proxy+}',
          stage: '$default',
          time: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
          timeEpoch: expect.any(Number),
        },
        isBase64Encoded: false,
      });
      expect(event?.requestContext.timeEpoch).toBeGreaterThanOrEqual(before);
    });

    it('leave out what a request does not have', async () => {
      await send({ path: '/api/v1/labels' });
      for (const absent of ['cookies', 'queryStringParameters', 'body']) expect(events[0]).not.toHaveProperty(absent);
      expect(events[0]?.rawQueryString).toBe('');
    });

    it('have ids of their own', async () => {
      await send({ path: '/api/v1/labels' });
      await send({ path: '/api/v1/labels' });
      expect(events[0]?.requestContext.requestId).not.toBe(events[1]?.requestContext.requestId);
    });

    it.each([
      ['application/x-protobuf', true],
      ['application/x-protobuf;proto=io.prometheus.write.v2.Request', true],
      ['application/x-www-form-urlencoded', true],
      ['application/octet-stream', true],
      [undefined, true],
      ['application/json', false],
      ['Application/JSON; charset=utf-8', false],
      ['text/plain; version=0.0.4', false],
      ['application/xml', false],
    ])('carry a body of %s in base64: %s', async (type, encoded) => {
      const body = Buffer.from('höi');
      await send(
        { method: 'POST', path: '/api/v1/write', headers: type === undefined ? {} : { 'Content-Type': type } },
        body,
      );
      expect(events[0]?.isBase64Encoded).toBe(encoded);
      expect(events[0]?.body).toBe(encoded ? body.toString('base64') : 'höi');
    });

    it('carry any bytes unharmed', async () => {
      const body = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256));
      await send(
        { method: 'POST', path: '/api/v1/write', headers: { 'Content-Type': 'application/x-protobuf' } },
        body,
      );
      expect(Buffer.compare(Buffer.from(events[0]?.body ?? '', 'base64'), body)).toBe(0);
    });
  });

  describe('answers', () => {
    it('are what the handler says', async () => {
      respond = async () => ({
        statusCode: 418,
        headers: { 'Content-Type': 'application/json', 'X-Number': 7, 'X-Flag': true },
        cookies: ['a=1; Path=/', 'b=2'],
        body: '{"ok":true}',
      });
      const { status, headers, body } = await send({ path: '/api/v1/labels' });
      expect([status, body.toString()]).toEqual([418, '{"ok":true}']);
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'content-length': '11',
        'x-number': '7',
        'x-flag': 'true',
        'set-cookie': ['a=1; Path=/', 'b=2'],
      });
    });

    it('may be bytes', async () => {
      respond = async () => ({
        statusCode: 200,
        body: Buffer.from([0, 255]).toString('base64'),
        isBase64Encoded: true,
      });
      expect([...(await send({ path: '/api/v1/labels' })).body]).toEqual([0, 255]);
    });

    it('without a status are the body of a 200', async () => {
      respond = async () => ({ hello: 'world' }) as unknown as APIGatewayProxyResultV2;
      const { status, headers, body } = await send({ path: '/api/v1/labels' });
      expect([status, headers['content-type'], body.toString()]).toEqual([
        200,
        'application/json',
        '{"hello":"world"}',
      ]);
    });

    it('of 204 have no body', async () => {
      const { status, headers, body } = await send({ path: '/api/v1/labels' });
      expect([status, body.length, headers['content-length']]).toEqual([204, 0, undefined]);
    });
  });

  describe('refusals', () => {
    it('404 for a route that is not in serverless.yml', async () => {
      for (const [method, path] of [
        ['GET', '/'],
        ['PUT', '/api/v1/write'],
        ['HEAD', '/api/v1/labels'],
      ]) {
        const { status, body } = await send({ method, path });
        expect(status).toBe(404);
        if (method !== 'HEAD') expect(JSON.parse(body.toString())).toEqual({ message: 'Not Found' });
      }
      expect(events).toEqual([]);
    });

    it('413 over the 10 MB of API Gateway and over the 6 MB of Lambda', async () => {
      const post = { method: 'POST', path: '/api/v1/write' };
      expect((await send(post, Buffer.alloc(10 * MB + 1))).status).toBe(413);
      expect((await send(post, Buffer.alloc(4.6 * MB))).status).toBe(413); // base64: 6.1 MB
      expect(events).toEqual([]);
      expect((await send(post, Buffer.alloc(4.4 * MB))).status).toBe(204);
    });

    it('500 when the handler throws, and tells', async () => {
      respond = async () => {
        throw new Error('boom');
      };
      const { status, body } = await send({ path: '/api/v1/labels' });
      expect([status, JSON.parse(body.toString())]).toEqual([500, { message: 'Internal Server Error' }]);
      expect(errors).toEqual([[new Error('boom'), 'GET /api/v1/labels']]);
    });

    it('500 when the answer is larger than Lambda returns', async () => {
      respond = async () => ({ statusCode: 200, body: 'x'.repeat(6 * MB) });
      expect((await send({ path: '/api/v1/labels' })).status).toBe(500);
      expect(String(errors[0]?.[0])).toMatch(/larger than the 6 MB/);
    });

    it('503 when the handler takes too long', async () => {
      respond = async () => {
        await sleep(800);
        return { statusCode: 200 };
      };
      const { status, body } = await send({ path: '/api/v1/labels' });
      expect([status, JSON.parse(body.toString())]).toEqual([503, { message: 'Service Unavailable' }]);
    });

    it('403 for another name in Host, unless the request has credentials', async () => {
      const headers = { Host: `evil.example:${server.port}` };
      expect((await send({ path: '/api/v1/labels', headers })).status).toBe(403);
      expect((await send({ path: '/api/v1/labels', headers: { Host: 'localhost' } })).status).toBe(204);
      expect((await send({ path: '/api/v1/labels', headers: { ...headers, Authorization: 'Bearer x' } })).status).toBe(
        204,
      );
    });
  });

  it('answers probes itself', async () => {
    for (const path of ['/-/ready', '/-/healthy']) {
      const { status, body } = await send({ path });
      expect([status, body.toString()]).toEqual([200, 'Tributary is ready.\n']);
    }
    expect(events).toEqual([]);
  });

  it('says when its port is taken', async () => {
    await expect(startHttpServer({ ...options, port: server.port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${server.port}: another program uses the port; end it, or take another one with --port`,
    );
  });

  it('does not start with a route that leads nowhere', async () => {
    await expect(startHttpServer({ ...options, handlers: { api: handler } })).rejects.toThrow(
      'cannot serve POST /api/v1/write: no handler for function write',
    );
  });

  it('finishes requests under way when it closes', async () => {
    const other = await startHttpServer(options);
    respond = async () => {
      await sleep(200);
      return { statusCode: 200, body: 'done' };
    };
    const answer = send({ path: '/api/v1/labels', port: other.port });
    await sleep(50);
    const started = Date.now();
    await other.close();
    expect((await answer).body.toString()).toBe('done');
    expect(Date.now() - started).toBeLessThan(2000);
    await expect(send({ path: '/api/v1/labels', port: other.port })).rejects.toThrow(/ECONNREFUSED/);
  });

  function send(
    request: RequestOptions & { method?: string | undefined },
    body?: Buffer,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({ host: '127.0.0.1', port: server.port, agent: false, ...request }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
});
