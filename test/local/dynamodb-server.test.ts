import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { startDynamoDbServer } from '../../local/dynamodb-server.ts';

it('the local DynamoDB keeps its tables in the folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-dynamodb-'));
  const Key = { pk: { S: 'tenant' }, sk: { S: 'block' } };
  const Item = { ...Key, data: { B: new Uint8Array([1, 2, 3]) } };

  const first = await startDynamoDbServer({ folder: join(folder, 'tables') });
  const writer = new DynamoDBClient({ endpoint: first.url });
  await writer.send(
    new CreateTableCommand({
      TableName: 'samples',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await writer.send(new PutItemCommand({ TableName: 'samples', Item }));
  const closing = Date.now();
  await first.close();
  expect(Date.now() - closing).toBeLessThan(2000);

  const second = await startDynamoDbServer({ folder: join(folder, 'tables') });
  const reader = new DynamoDBClient({ endpoint: second.url });
  const found = await reader.send(new GetItemCommand({ TableName: 'samples', Key }));
  expect(Array.from(found.Item?.['data']?.B ?? [])).toEqual([1, 2, 3]);
  await second.close();
  rmSync(folder, { recursive: true });
});

it('a client that hangs up in the middle of a request does no harm', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-dynamodb-'));
  const server = await startDynamoDbServer({ folder });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const head = 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n';
  await new Promise((resolve) => socket.write(`${head}{"TableName":`, resolve));
  await sleep(50);
  socket.resetAndDestroy();
  await sleep(50);
  // Were it not handled, it would be an uncaught exception by now, which fails the test.
  expect((await fetch(server.url)).status).toBe(200);
  await server.close();
  rmSync(folder, { recursive: true });
});
