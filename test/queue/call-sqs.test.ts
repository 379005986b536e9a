import dns from 'node:dns';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type CallSqs, newCallSqs, type SqsCallError } from '../../lib/queue/call-sqs.ts';

describe('newCallSqs', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function answering(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    trace = (): string | undefined => undefined,
  ): Promise<CallSqs> {
    server = createServer((request, response) => {
      request.resume().on('end', () => answer(request, response));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const queueUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/raw`;
    const credentials = () => ({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' });
    return newCallSqs({ queueUrl, region: 'eu-west-1', credentials, timeoutMs: 200, trace });
  }

  const failure = async (call: CallSqs): Promise<SqsCallError> =>
    call('SendMessageBatch', '{}').then(
      () => expect.unreachable(),
      (error: SqsCallError) => error,
    );

  it('says what it calls, signs it, and keeps its connection', async () => {
    const seen: IncomingMessage[] = [];
    const call = await answering((request, response) => {
      seen.push(request);
      response.end('{"Successful":[]}');
    });
    expect(await call('SendMessageBatch', '{"a":"ü"}')).toBe('{"Successful":[]}');
    await call('SendMessageBatch', '{}');
    expect(seen[0]?.headers).toMatchObject({
      'x-amz-target': 'AmazonSQS.SendMessageBatch',
      'content-type': 'application/x-amz-json-1.0',
      'content-length': '10',
      'x-amz-security-token': 'token',
    });
    expect(seen[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-west-1\/sqs\/aws4_request, /,
    );
    expect(seen[1]?.socket).toBe(seen[0]?.socket);
  });

  it('carries the trace of the invocation that calls, where there is one', async () => {
    const seen: IncomingMessage['headers'][] = [];
    let trace: string | undefined;
    const call = await answering(
      (request, response) => {
        seen.push(request.headers);
        response.end('{}');
      },
      () => trace,
    );
    await call('SendMessageBatch', '{}');
    trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
    await call('SendMessageBatch', '{}');
    expect(seen.map((headers) => headers['x-amzn-trace-id'])).toEqual([undefined, trace]);
  });

  it.each([
    [400, '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}', 'QueueDoesNotExist', false],
    [403, '{"__type":"InvalidClientTokenId","Message":"no"}', 'InvalidClientTokenId', false],
    [400, '{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow down"}', 'RequestThrottled', true],
    [500, '{"__type":"InternalFailure"}', 'InternalFailure', true],
    [503, '<html>busy</html>', 'HTTP 503', true],
    [429, '', 'HTTP 429', true],
  ])('tells of %i %s', async (status, text, code, passing) => {
    const call = await answering((_, response) => response.writeHead(status).end(text));
    expect(await failure(call)).toMatchObject({ code, passing });
  });

  it('calls no answer, a cut answer and a closed port passing', async () => {
    const silent = await failure(await answering(() => {}));
    expect([silent.passing, silent.message]).toEqual([true, 'no answer within 200 ms']);
    server?.closeAllConnections();
    const cut = await answering((request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"Succ');
      setTimeout(() => request.socket.destroy(), 20);
    });
    expect((await failure(cut)).passing).toBe(true);
    const credentials = () => ({ accessKeyId: '', secretAccessKey: '' });
    const closed = newCallSqs({ queueUrl: 'http://127.0.0.1:1/', region: 'eu-west-1', credentials });
    expect(await failure(closed)).toMatchObject({ code: 'ECONNREFUSED', passing: true });
  });

  it('calls again over a new connection where the kept one was closed meanwhile, and does so once', async () => {
    const requestsOf = new Map<unknown, number>();
    let isDown = false;
    const call = await answering((request, response) => {
      const count = (requestsOf.get(request.socket) ?? 0) + 1;
      requestsOf.set(request.socket, count);
      if (isDown || count > 1) request.socket.destroy();
      else response.end('{}');
    });
    expect([await call('SendMessage', '{}'), await call('SendMessage', '{}')]).toEqual(['{}', '{}']);
    expect([...requestsOf.values()]).toEqual([2, 1]);
    isDown = true;
    expect(await failure(call)).toMatchObject({ code: 'ECONNRESET', passing: true });
    expect([...requestsOf.values()]).toEqual([2, 2, 1]);
  });

  it('gives up what never gets as far as a connection', async () => {
    // A name that nobody resolves stands for an address that nobody answers at: both are before the socket is connected.
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation((() => {}) as never);
    try {
      const credentials = () => ({ accessKeyId: '', secretAccessKey: '' });
      const queueUrl = 'http://sqs.invalid/000000000000/raw';
      const call = newCallSqs({ queueUrl, region: 'eu-west-1', credentials, timeoutMs: 50 });
      const { message, passing } = await failure(call);
      expect([message, passing, lookup.mock.calls.length]).toEqual(['no answer within 50 ms', true, 1]);
    } finally {
      lookup.mockRestore();
    }
  });

  it('reads no endless answer', async () => {
    const call = await answering((_, response) => response.end('x'.repeat(2 * 1024 * 1024)));
    expect((await failure(call)).message).toContain('larger than 1048576 bytes');
  });
});
