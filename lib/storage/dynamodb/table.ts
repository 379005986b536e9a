import { hash } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StorageUnavailableError } from '../errors.ts';

/** The table and how to be patient with it. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface TableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Replaced in tests. */
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly random?: () => number;
}

/** One item of the table, as written: everything but the keys and the expiry is inside the block. */
export interface TableItem {
  readonly pk: string;
  readonly sk: string;
  /** Attribute `d`: a sealed block. */
  readonly payload: Uint8Array;
  /** Attribute `ttl`: seconds since the epoch after which DynamoDB may delete the item. */
  readonly ttlSeconds: number;
  /** Attribute `v`, of the few items that are replaced: a writer replaces only the version it has read. */
  readonly version?: number;
}

/** What names an item. */
export type ItemKey = Pick<TableItem, 'pk' | 'sk'>;

/** DynamoDB takes items of up to 400 KB; this much of one is left to the payload. */
export const MAX_PAYLOAD_BYTES = 390_000;

const NAME_BYTES = 'pk'.length + 'sk'.length + 'd'.length + 'ttl'.length;
const WRITE_UNIT_BYTES = 1024;

/** The sort key of every chunk: each has a partition of its own. */
export const CHUNK_SORT_KEY = 'chunk';

export function openTable({ client, tableName, sleep = sleepFor, random = Math.random }: TableOptions): Table {
  return { client, tableName, sleep, random };
}

/** An item as the SDK takes it. */
export function toAttributes({ pk, sk, payload, ttlSeconds, version }: TableItem): Record<string, AttributeValue> {
  const item = { pk: { S: pk }, sk: { S: sk }, d: { B: payload }, ttl: { N: String(ttlSeconds) } };
  return version === undefined ? item : { ...item, v: { N: String(version) } };
}

/** An item's size as DynamoDB bills it. */
export function itemBytes({ pk, sk, payload, ttlSeconds, version }: TableItem): number {
  const versionBytes = version === undefined ? 0 : 'v'.length + numberBytes(version);
  const keyBytes = Buffer.byteLength(pk) + Buffer.byteLength(sk);
  return NAME_BYTES + keyBytes + payload.length + numberBytes(ttlSeconds) + versionBytes;
}

/** A byte, and one for every two digits; zeros at the end are no digits. */
function numberBytes(value: number): number {
  return 1 + Math.ceil(String(value).replace(/0+$/, '').length / 2);
}

/** Write request units of one item: one for each started KB. */
export function writeUnitsOf(item: TableItem): number {
  return Math.ceil(itemBytes(item) / WRITE_UNIT_BYTES);
}

/** 64 bits of SHA-256 in hex: equal content has an equal name, so writing it again replaces it. */
export function contentHash(content: Uint8Array): string {
  return hash('sha256', content, 'hex').slice(0, 16);
}

/** What callers see of any failed request to the table. */
export function unavailable(what: string, { tableName }: Table, cause: unknown): StorageUnavailableError {
  const { name = 'Error', message = String(cause) } = cause as Partial<Error>;
  return new StorageUnavailableError(`cannot ${what} table ${tableName}: ${name}: ${message}`, { cause });
}
