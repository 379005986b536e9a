import { type AttributeValue, BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { StorageUnavailableError } from '../errors.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { type StoredItem, toStored } from './read-items.ts';
import { type ItemKey, type Table, unavailable } from './table.ts';

/** BatchGetItem's limit; it answers 16 MB at most and leaves the rest unprocessed. */
const MAX_BATCH_KEYS = 100;
const MAX_PARALLEL_BATCHES = 4;
/** Answers without any progress before giving up. */
const MAX_EMPTY_ANSWERS = 8;
const BACKOFF_MS = 50;

/**
 * Reads items by their keys, strongly consistent; by partition key, without those that are not there. Every item has a
 * partition of its own.
 *
 * @throws StorageUnavailableError; where `signal` aborts, its reason.
 */
export async function getItems(
  table: Table,
  keys: readonly ItemKey[],
  signal?: AbortSignal | undefined,
): Promise<Map<string, StoredItem>> {
  const found = new Map<string, StoredItem>();
  const batches = Array.from({ length: Math.ceil(keys.length / MAX_BATCH_KEYS) }, (_, i) =>
    keys.slice(i * MAX_BATCH_KEYS, (i + 1) * MAX_BATCH_KEYS),
  );
  await boundedParallel(batches, MAX_PARALLEL_BATCHES, (batch) => getBatch(table, batch, found, signal));
  return found;
}

async function getBatch(
  table: Table,
  batch: readonly ItemKey[],
  found: Map<string, StoredItem>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let pending = batch.map(({ pk, sk }): Record<string, AttributeValue> => ({ pk: { S: pk }, sk: { S: sk } }));
  let empty = 0;
  while (pending.length > 0) {
    signal?.throwIfAborted();
    const { items, rest } = await getPending(table, pending, signal);
    for (const item of items) {
      const pk = item['pk']?.S ?? '';
      found.set(pk, toStored(item, pk));
    }
    if (rest.length === pending.length) {
      if (++empty === MAX_EMPTY_ANSWERS) {
        throw new StorageUnavailableError(
          `cannot read ${rest.length} items of table ${table.tableName}: still unprocessed after ${empty} attempts`,
        );
      }
      await table.sleep(table.random() * BACKOFF_MS * 2 ** empty);
    }
    pending = rest;
  }
}

async function getPending(table: Table, keys: Record<string, AttributeValue>[], signal: AbortSignal | undefined) {
  const command = new BatchGetItemCommand({
    RequestItems: { [table.tableName]: { Keys: keys, ConsistentRead: true } },
  });
  try {
    const options = signal === undefined ? {} : { abortSignal: signal };
    const { Responses, UnprocessedKeys } = await table.client.send(command, options);
    return { items: Responses?.[table.tableName] ?? [], rest: UnprocessedKeys?.[table.tableName]?.Keys ?? [] };
  } catch (error) {
    signal?.throwIfAborted();
    throw unavailable('read', table, error);
  }
}
