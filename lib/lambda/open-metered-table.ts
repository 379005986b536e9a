import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { UsageBook } from '../pipeline/usage-book.ts';
import { DynamoUsageRecorder } from '../storage/dynamodb/dynamo-usage-recorder.ts';
import { meterClient } from '../storage/dynamodb/meter-client.ts';
import { newDynamoClient } from '../storage/dynamodb/new-client.ts';
import type { Work } from '../storage/usage.ts';
import type { Log } from './log.ts';

/** The table as one function reaches it, and the book of what it takes for each tenant. */
export function openMeteredTable(work: Work, tableName: string, log: Log, client: DynamoDBClient = newDynamoClient()) {
  const metered = meterClient(client);
  const table = { client: metered.client, tableName, now: Date.now };
  const recorder = new DynamoUsageRecorder(table);
  const usage = new UsageBook({ work, meter: metered.meter, recorder, now: Date.now, newId: randomUUID, log });
  return { table, usage };
}
