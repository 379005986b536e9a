import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { newDynamoClient } from '../../../lib/storage/dynamodb/new-client.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

describe('newDynamoClient', () => {
  it.each<[string, RequestListener]>([
    ['a call that is never answered', () => {}],
    [
      'an answer that stops in the middle',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': 100 }).write('{"Tab');
      },
    ],
  ])(
    'gives up %s',
    async (_, stall) => {
      let calls = 0;
      const endpoint = await serve((request, response) => {
        calls++;
        stall(request, response);
      });
      const client = newDynamoClient({ endpoint, maxAttempts: 1 });
      const started = Date.now();
      await expect(client.send(new ListTablesCommand({}))).rejects.toThrow();
      expect(Date.now() - started).toBeLessThan(15_000);
      expect(calls).toBe(1);
      client.destroy();
    },
    20_000,
  );

  it.each([
    ['shorter', 200, false],
    ['longer', 5000, true],
  ])('waits as long as it is told: %s than the answer takes', async (_, answerMs, isAnswered) => {
    const endpoint = await serve((_request, response) => {
      setTimeout(() => response.end('{"TableNames":["t"]}'), 600);
    });
    const client = newDynamoClient({ endpoint, maxAttempts: 1 }, { connectMs: 5000, answerMs });
    const outcome = client.send(new ListTablesCommand({})).then(
      ({ TableNames }) => TableNames?.length === 1,
      ({ name }: Error) => name !== 'TimeoutError',
    );
    expect(await outcome).toBe(isAnswered);
    client.destroy();
  });

  it('makes such a call again', async () => {
    let calls = 0;
    const endpoint = await serve((_, response) => {
      if (++calls > 1) response.end('{"TableNames":["t"]}');
    });
    const client = newDynamoClient({ endpoint });
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['t']);
    expect(calls).toBe(2);
    client.destroy();
  }, 20_000);
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => listener(request, response));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
