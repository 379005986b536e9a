import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { StorageUnavailableError } from '../errors.ts';
import { type Table, unavailable } from './table.ts';

export interface ItemQuery {
  readonly pk: string;
  /** Only items whose sort key is not below this. */
  readonly from?: string;
  /** Milliseconds; items that expired before are passed over (DynamoDB deletes them when it finds the time). */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

export interface StoredItem {
  readonly sk: string;
  readonly payload: Uint8Array;
}

/**
 * Reads the items of one partition in the order of their sort keys, page by page. Reads are strongly consistent: what a
 * commit wrote is there, and a rule that reads another rule's result can rely on it.
 *
 * @throws StorageUnavailableError; where `signal` aborts, its reason.
 */
export async function* readItems(table: Table, query: ItemQuery): AsyncGenerator<StoredItem[]> {
  let startKey: Record<string, AttributeValue> | undefined;
  do {
    const { items, lastKey } = await readPage(table, query, startKey);
    yield items.filter((item) => item.ttlSeconds * 1000 > query.now);
    startKey = lastKey;
  } while (startKey !== undefined);
}

async function readPage(table: Table, query: ItemQuery, startKey: Record<string, AttributeValue> | undefined) {
  query.signal?.throwIfAborted();
  const command = new QueryCommand({
    TableName: table.tableName,
    ConsistentRead: true,
    KeyConditionExpression: query.from === undefined ? 'pk = :pk' : 'pk = :pk AND sk >= :from',
    ProjectionExpression: 'sk, d, #ttl',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':pk': { S: query.pk },
      ...(query.from === undefined ? {} : { ':from': { S: query.from } }),
    },
    ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
  });
  try {
    const options = query.signal === undefined ? {} : { abortSignal: query.signal };
    const { Items = [], LastEvaluatedKey } = await table.client.send(command, options);
    return { items: Items.map((item) => toStored(item, query.pk)), lastKey: LastEvaluatedKey };
  } catch (error) {
    query.signal?.throwIfAborted();
    throw error instanceof StorageUnavailableError ? error : unavailable('read', table, error);
  }
}

function toStored(item: Record<string, AttributeValue>, pk: string): StoredItem & { readonly ttlSeconds: number } {
  const { S: sk } = item['sk'] ?? {};
  const { B: payload } = item['d'] ?? {};
  const { N: ttl } = item['ttl'] ?? {};
  if (sk === undefined || payload === undefined || ttl === undefined) {
    throw new StorageUnavailableError(`cannot read item ${sk} of partition ${pk}: it was not written by this store`);
  }
  return { sk, payload, ttlSeconds: Number(ttl) };
}
