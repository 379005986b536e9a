import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { StorageUnavailableError } from '../errors.ts';
import { type Table, unavailable } from './table.ts';

export interface ItemQuery {
  readonly pk: string;
  /** Only items whose sort key is not below this. */
  readonly from?: string;
  /** Only items whose sort key is not above this; needs `from`. */
  readonly to?: string;
  /** Milliseconds; items that expired before are passed over (DynamoDB deletes them when it finds the time). */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

export interface StoredItem {
  readonly sk: string;
  readonly payload: Uint8Array;
  /** Seconds since the epoch after which DynamoDB may delete it. */
  readonly ttlSeconds: number;
  /** Of items that are replaced. */
  readonly version?: number;
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
    KeyConditionExpression: keyCondition(query),
    ProjectionExpression: 'sk, d, #ttl, v',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':pk': { S: query.pk },
      ...(query.from === undefined ? {} : { ':from': { S: query.from } }),
      ...(query.to === undefined ? {} : { ':to': { S: query.to } }),
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

function keyCondition({ from, to }: ItemQuery): string {
  if (from === undefined) return 'pk = :pk';
  return to === undefined ? 'pk = :pk AND sk >= :from' : 'pk = :pk AND sk BETWEEN :from AND :to';
}

/** @throws StorageUnavailableError when the item is none of ours. */
export function toStored(item: Record<string, AttributeValue>, pk: string): StoredItem {
  const { S: sk } = item['sk'] ?? {};
  const { B: payload } = item['d'] ?? {};
  const { N: ttl } = item['ttl'] ?? {};
  if (sk === undefined || payload === undefined || ttl === undefined) {
    throw new StorageUnavailableError(`cannot read item ${sk} of partition ${pk}: it was not written by this store`);
  }
  const { N: version } = item['v'] ?? {};
  const stored = { sk, payload, ttlSeconds: Number(ttl) };
  return version === undefined ? stored : { ...stored, version: Number(version) };
}
