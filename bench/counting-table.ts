import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';

/** What DynamoDB bills, and what a client waits for. Consistent reads: one unit for each started 4 KB. */
export interface TableUsage {
  requests: number;
  writeUnits: number;
  readUnits: number;
  bytesWritten: number;
  bytesRead: number;
}

type Item = Record<string, { readonly S?: string; readonly N?: string; readonly B?: Uint8Array }>;

interface Partition {
  readonly items: Map<string, Item>;
  /** Sort keys ascending; absent after a write. */
  sorted: string[] | undefined;
}

const PAGE_BYTES = 1024 * 1024;
const GET_BYTES = 16 * 1024 * 1024;

/** A table in memory that answers the store's requests as DynamoDB does and counts what they would cost. */
export class CountingTable {
  readonly tableName = 'bench';
  readonly client = { send: async (command: unknown) => this.#tell(command) } as unknown as DynamoDBClient;
  readonly #partitions = new Map<string, Partition>();
  #usage: TableUsage = newUsage();

  /** What was used since the last call. */
  takeUsage(): TableUsage {
    const usage = this.#usage;
    this.#usage = newUsage();
    return usage;
  }

  /** A table with the same items, and nothing used. */
  clone(): CountingTable {
    const clone = new CountingTable();
    for (const [pk, { items }] of this.#partitions) {
      clone.#partitions.set(pk, { items: new Map(items), sorted: undefined });
    }
    return clone;
  }

  /** Bytes and number of the items whose partition key passes. */
  stored(filter: (pk: string) => boolean): { readonly bytes: number; readonly items: number } {
    let [bytes, items] = [0, 0];
    for (const [pk, partition] of this.#partitions) {
      if (!filter(pk)) continue;
      for (const item of partition.items.values()) bytes += sizeOf(item);
      items += partition.items.size;
    }
    return { bytes, items };
  }

  /** Expiry, for who does not wait for it. */
  drop(filter: (pk: string) => boolean): void {
    for (const pk of this.#partitions.keys()) if (filter(pk)) this.#partitions.delete(pk);
  }

  /** With what it took, where that is asked. */
  #tell(command: unknown): unknown {
    const before = this.#usage.writeUnits + this.#usage.readUnits;
    const answer = this.#send(command) as object;
    const { ReturnConsumedCapacity } = (command as QueryCommand).input;
    const CapacityUnits = this.#usage.writeUnits + this.#usage.readUnits - before;
    return ReturnConsumedCapacity === undefined ? answer : { ...answer, ConsumedCapacity: { CapacityUnits } };
  }

  #send(command: unknown): unknown {
    this.#usage.requests++;
    if (command instanceof QueryCommand) return this.#query(command.input);
    if (command instanceof BatchGetItemCommand) return this.#get(command.input);
    if (command instanceof PutItemCommand) return this.#putIf(command.input);
    if (command instanceof BatchWriteItemCommand) {
      for (const { PutRequest, DeleteRequest } of command.input.RequestItems?.[this.tableName] ?? []) {
        if (PutRequest !== undefined) this.#put(PutRequest.Item as Item);
        else this.#delete(DeleteRequest?.Key as Item);
      }
      return {};
    }
    throw new Error(`BUG: unexpected request ${String(command)}`);
  }

  #put(item: Item): void {
    const partition = this.#partition(keyOf(item).pk);
    partition.items.set(keyOf(item).sk, item);
    partition.sorted = undefined;
    this.#usage.writeUnits += Math.ceil(sizeOf(item) / 1024);
    this.#usage.bytesWritten += sizeOf(item);
  }

  #delete(key: Item): void {
    const { pk, sk } = keyOf(key);
    const partition = this.#partition(pk);
    const item = partition.items.get(sk);
    this.#usage.writeUnits += Math.max(1, Math.ceil((item === undefined ? 0 : sizeOf(item)) / 1024));
    partition.items.delete(sk);
    partition.sorted = undefined;
    if (partition.items.size === 0) this.#partitions.delete(pk);
  }

  #putIf({ Item, ExpressionAttributeValues }: PutItemCommand['input']): unknown {
    const { pk, sk } = keyOf(Item as Item);
    const found = this.#partitions.get(pk)?.items.get(sk);
    if (found?.['v']?.N !== ExpressionAttributeValues?.[':read']?.N) {
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
    }
    this.#put(Item as Item);
    return {};
  }

  #query({ ExpressionAttributeValues: values = {}, ExclusiveStartKey }: QueryCommand['input']): unknown {
    const pk = values[':pk']?.S ?? '';
    const partition = this.#partitions.get(pk);
    if (partition !== undefined) partition.sorted ??= [...partition.items.keys()].sort();
    const [from = '', to] = [values[':from']?.S, values[':to']?.S];
    const after = ExclusiveStartKey?.['sk']?.S ?? '';
    const items: Item[] = [];
    let bytes = 0;
    let last: string | undefined;
    for (const sk of partition?.sorted ?? []) {
      if (sk < from || sk <= after || (to !== undefined && sk > to)) continue;
      if (bytes >= PAGE_BYTES) {
        last = keyOf(items[items.length - 1] as Item).sk;
        break;
      }
      const item = partition?.items.get(sk) as Item;
      items.push(item);
      bytes += sizeOf(item);
    }
    this.#usage.readUnits += Math.max(1, Math.ceil(bytes / 4096));
    this.#usage.bytesRead += bytes;
    return last === undefined
      ? { Items: items }
      : { Items: items, LastEvaluatedKey: { pk: { S: pk }, sk: { S: last } } };
  }

  #get({ RequestItems }: BatchGetItemCommand['input']): unknown {
    const keys = RequestItems?.[this.tableName]?.Keys ?? [];
    const items: Item[] = [];
    let [bytes, done] = [0, 0];
    for (; done < keys.length && bytes < GET_BYTES; done++) {
      const { pk, sk } = keyOf(keys[done] as Item);
      const item = this.#partitions.get(pk)?.items.get(sk);
      this.#usage.readUnits += Math.max(1, Math.ceil((item === undefined ? 0 : sizeOf(item)) / 4096));
      if (item === undefined) continue;
      items.push(item);
      bytes += sizeOf(item);
    }
    this.#usage.bytesRead += bytes;
    const rest = keys.slice(done);
    return {
      Responses: { [this.tableName]: items },
      ...(rest.length > 0 && { UnprocessedKeys: { [this.tableName]: { Keys: rest } } }),
    };
  }

  #partition(pk: string): Partition {
    const known = this.#partitions.get(pk);
    if (known !== undefined) return known;
    const partition: Partition = { items: new Map(), sorted: undefined };
    this.#partitions.set(pk, partition);
    return partition;
  }
}

function newUsage(): TableUsage {
  return { requests: 0, writeUnits: 0, readUnits: 0, bytesWritten: 0, bytesRead: 0 };
}

function keyOf(item: Item): { readonly pk: string; readonly sk: string } {
  return { pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' };
}

/** As DynamoDB counts: names and values of all attributes. */
function sizeOf(item: Item): number {
  let bytes = 0;
  for (const [name, { S, B, N }] of Object.entries(item)) {
    bytes += name.length + (S?.length ?? 0) + (B?.length ?? 0) + (N === undefined ? 0 : Math.ceil(N.length / 2) + 1);
  }
  return bytes;
}
