import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { Matcher } from '../../lib/model/matcher.ts';
import type { QueueMessage } from '../../lib/queue/interface.ts';
import { decodeSqsRecord } from '../../lib/queue/message.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { ensureTable } from '../../lib/storage/dynamodb/ensure-table.ts';
import { mortalClient } from './die-at-every-call.ts';

export const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };

const HOUR = 3600_000;

let tables = 0;

/** Name of a table that is new. */
export async function newTable(endpoint: string): Promise<string> {
  const tableName = `table-${++tables}`;
  const client = mortalClient(endpoint);
  await ensureTable(client, tableName);
  client.destroy();
  return tableName;
}

/** A table as a function opens it that dies with its calls; its clock stands at `now`. */
export function at(tableName: string, endpoint: string, now: number) {
  return { client: mortalClient(endpoint), tableName, now: () => now, sleep: async () => {} };
}

/** Every series that the store holds, as anybody may ask for it. */
export async function stored(table: ReturnType<typeof at>, tenant: string, around: number): Promise<string[]> {
  const querier = new DynamoStorage({ ...table, retention: RETENTION }).querier(tenant);
  const found = await querier.select({ mint: around - HOUR, maxt: around + HOUR }, new Matcher('=~', '__name__', '.+'));
  return found.map(({ labels: of, floats }) => `${of} ${[...floats.timestamps]} ${[...floats.values]}`).sort();
}

/** Takes every message that is visible. */
export async function takeAll(client: SQSClient, QueueUrl: string): Promise<QueueMessage[]> {
  const taken: QueueMessage[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] });
    const { Messages = [] } = await client.send(command);
    if (Messages.length === 0) return taken;
    for (const { MessageId = '', Body = '', MessageAttributes = {} } of Messages) {
      const messageAttributes = Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, { stringValue: StringValue }]),
      );
      taken.push(decodeSqsRecord({ messageId: MessageId, body: Body, messageAttributes }));
    }
  }
}
