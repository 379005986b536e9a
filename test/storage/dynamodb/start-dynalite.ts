import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll } from 'vitest';
import { ensureTable } from '../../../lib/storage/dynamodb/ensure-table.ts';

export interface DynaliteTable {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** One stand-in of DynamoDB for a test file, with an empty table; ends with the file. */
export function startDynalite(): () => DynaliteTable {
  const server = dynalite({ createTableMs: 0 });
  let table: DynaliteTable | undefined;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    table = { client, tableName: 'tributary' };
    await ensureTable(client, table.tableName);
  });
  afterAll(async () => {
    table?.client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return () => {
    if (table === undefined) throw new Error('BUG: dynalite is not started yet');
    return table;
  };
}
