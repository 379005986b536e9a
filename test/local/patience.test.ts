import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it } from 'vitest';
import { newDynamoClient } from '../../lib/storage/dynamodb/new-client.ts';
import { POLLING, SEND_MS, STORE_PATIENCE } from '../../local/patience.ts';
import { readServerlessFile } from '../../local/serverless-file.ts';

const SENDER_WAITS_MS = 30_000;
const SEND_ATTEMPTS = 4;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

it.each([
  ['the time-outs of AWS give it up', undefined, 'TimeoutError'],
  ['the local ones do not', STORE_PATIENCE, 'answered'],
])(
  'a call whose answer is due while the process stands still: %s',
  async (_, patience, outcome) => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const options = { endpoint: await serve(), region: 'eu-west-1', credentials, maxAttempts: 1 };
    const client = newDynamoClient(options, patience);
    // The first call connects, and loads what the SDK loads late.
    await client.send(new ListTablesCommand({}));
    const call = client.send(new ListTablesCommand({})).then(
      () => 'answered',
      ({ name }: Error) => name,
    );
    await sleep(5);
    standStill(5500);
    expect(await call).toBe(outcome);
    client.destroy();
  },
  20_000,
);

it('ends before those give up who wait for it', () => {
  const { mappings } = readServerlessFile(new URL('../../serverless.yml', import.meta.url));
  for (const { timeoutMs } of mappings) expect(STORE_PATIENCE.answerMs).toBeLessThan(timeoutMs);
  expect(SEND_MS * SEND_ATTEMPTS).toBeLessThan(SENDER_WAITS_MS);
  expect(POLLING.requestTimeout).toBeGreaterThan(20_000);
});

/** Answers 100 ms after it was asked. */
async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => setTimeout(() => response.end('{"TableNames":[]}'), 100));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function standStill(ms: number): void {
  for (const end = Date.now() + ms; Date.now() < end; );
}
