import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { StorageUnavailableError } from '../errors.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { type ItemKey, itemBytes, type Table, type TableItem, toAttributes, unavailable } from './table.ts';

/** BatchWriteItem's limits are 25 items and 16 MB; half of the bytes are left to base64 and JSON. */
const MAX_BATCH_ITEMS = 25;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
const MAX_PARALLEL_BATCHES = 4;
/** With the pauses below this gives up after some 6 s, well within a worker's time. */
const MAX_ATTEMPTS = 9;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2000;

/** Errors of DynamoDB that time heals. */
const PASSING_ERRORS = new Set([
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'ThrottlingException',
]);

/**
 * Puts items; resolves when all are durable. Equal keys mean equal content here, so a repeated key is sent once, and
 * writing anything again is harmless.
 *
 * @throws StorageUnavailableError when DynamoDB does not take them all, at once or after several attempts; some may then
 * be written.
 */
export async function writeItems(table: Table, items: readonly TableItem[]): Promise<void> {
  const distinct = new Map(items.map((item) => [`${item.pk}\n${item.sk}`, item]));
  await boundedParallel(toBatches([...distinct.values()]), MAX_PARALLEL_BATCHES, (batch) =>
    writeBatch(table, batch.map(toPutRequest)),
  );
}

/**
 * Deletes items; what is not there is no fault. DynamoDB bills a delete as it bills a write of the same size.
 *
 * @throws StorageUnavailableError; some may then be deleted.
 */
export async function deleteItems(table: Table, keys: readonly ItemKey[]): Promise<void> {
  const requests = keys.map(
    ({ pk, sk }): WriteRequest => ({ DeleteRequest: { Key: { pk: { S: pk }, sk: { S: sk } } } }),
  );
  const batches = Array.from({ length: Math.ceil(requests.length / MAX_BATCH_ITEMS) }, (_, i) =>
    requests.slice(i * MAX_BATCH_ITEMS, (i + 1) * MAX_BATCH_ITEMS),
  );
  await boundedParallel(batches, MAX_PARALLEL_BATCHES, (batch) => writeBatch(table, batch));
}

function toBatches(items: readonly TableItem[]): TableItem[][] {
  const batches: TableItem[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const last = batches[batches.length - 1];
    if (last === undefined || last.length === MAX_BATCH_ITEMS || bytes + itemBytes(item) > MAX_BATCH_BYTES) {
      batches.push([item]);
      bytes = itemBytes(item);
    } else {
      last.push(item);
      bytes += itemBytes(item);
    }
  }
  return batches;
}

async function writeBatch(table: Table, batch: readonly WriteRequest[]): Promise<void> {
  let pending = [...batch];
  let cause: unknown;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await table.sleep(backoff(attempt, table.random));
    try {
      pending = await putBatch(table, pending);
    } catch (error) {
      if (!isPassing(error)) throw unavailable(`write ${pending.length} items to`, table, error);
      cause = error;
    }
    if (pending.length === 0) return;
  }
  if (cause !== undefined) throw unavailable(`write ${pending.length} of ${batch.length} items to`, table, cause);
  throw new StorageUnavailableError(
    `cannot write ${pending.length} of ${batch.length} items to table ${table.tableName}: ` +
      `still unprocessed after ${MAX_ATTEMPTS} attempts`,
  );
}

/** Resolves with what DynamoDB left unprocessed. */
async function putBatch({ client, tableName }: Table, requests: WriteRequest[]): Promise<WriteRequest[]> {
  const { UnprocessedItems } = await client.send(
    new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }),
  );
  return UnprocessedItems?.[tableName] ?? [];
}

function toPutRequest(item: TableItem): WriteRequest {
  return { PutRequest: { Item: toAttributes(item) } };
}

/** Exponential, capped, with full jitter: writers that were throttled together do not come back together. */
function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
}

function isPassing(error: unknown): boolean {
  const {
    name = '',
    $fault,
    $metadata,
  } = error as {
    readonly name?: string;
    readonly $fault?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  // Without a status no answer came at all: the network or a timeout.
  return PASSING_ERRORS.has(name) || $fault === 'server' || $metadata?.httpStatusCode === undefined;
}
