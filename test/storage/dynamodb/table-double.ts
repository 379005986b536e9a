import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { TableOptions } from '../../../lib/storage/dynamodb/table.ts';

/** What becomes of one BatchWriteItem: how many of its items are taken, or the error that answers it. */
export type BatchOutcome = number | Error;

/** A table in memory whose faults a test plans; it knows the requests that the store makes. */
export interface TableDouble extends TableOptions {
  /** Items by `pk sk`. */
  readonly items: Map<string, Record<string, { readonly S?: string; readonly B?: Uint8Array; readonly N?: string }>>;
  /** Sizes of the batches received. */
  readonly batches: number[];
  /** Pauses that the store made, ms. */
  readonly pauses: number[];
  readonly queries: string[];
  /** Keys of each BatchGetItem. */
  readonly gets: number[];
  /** Outcomes of the next batches, first first; when empty, everything is taken. */
  readonly plan: BatchOutcome[];
  /** Called before each batch is looked at. */
  onBatch: (keys: readonly string[]) => Promise<void> | void;
  queryError: Error | undefined;
  /** Items of one page of a query. */
  pageSize: number;
}

export function tableDouble(): TableDouble {
  const double: TableDouble = {
    items: new Map(),
    batches: [],
    pauses: [],
    queries: [],
    gets: [],
    plan: [],
    onBatch: () => {},
    queryError: undefined,
    pageSize: 100,
    tableName: 'tributary',
    random: () => 0.5,
    sleep: async (ms) => double.pauses.push(ms),
    client: { send: (command: unknown) => answer(double, command) } as unknown as DynamoDBClient,
  };
  return double;
}

/** An error as the SDK throws it. */
export function awsError(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(`${name} happened`), { name, $fault: 'client', $metadata: { httpStatusCode } });
}

async function answer(double: TableDouble, command: unknown): Promise<unknown> {
  if (command instanceof BatchWriteItemCommand)
    return batchWrite(double, command.input.RequestItems?.['tributary'] ?? []);
  if (command instanceof QueryCommand) return query(double, command.input);
  if (command instanceof PutItemCommand) return putItem(double, command.input);
  if (command instanceof BatchGetItemCommand) return batchGet(double, command.input);
  throw new Error(`BUG: unexpected request ${String(command)}`);
}

async function batchWrite(double: TableDouble, requests: readonly WriteRequest[]): Promise<unknown> {
  const keys = requests.map(({ PutRequest, DeleteRequest }) => {
    const { pk, sk } = PutRequest?.Item ?? DeleteRequest?.Key ?? {};
    return `${pk?.S} ${sk?.S}`;
  });
  if (requests.length > 25 || new Set(keys).size < keys.length) throw awsError('ValidationException');
  double.batches.push(requests.length);
  await double.onBatch(keys);
  const outcome = double.plan.shift() ?? requests.length;
  if (outcome instanceof Error) throw outcome;
  for (const [i, request] of requests.slice(0, outcome).entries()) {
    if (request.DeleteRequest !== undefined) double.items.delete(keys[i] as string);
    else double.items.set(keys[i] as string, (request.PutRequest?.Item ?? {}) as never);
  }
  const rest = requests.slice(outcome);
  return rest.length === 0 ? {} : { UnprocessedItems: { tributary: rest } };
}

/** Conditional puts count as batches of one: the same plan and the same hook hold for them. */
async function putItem(double: TableDouble, input: PutItemCommand['input']): Promise<unknown> {
  const key = `${input.Item?.['pk']?.S} ${input.Item?.['sk']?.S}`;
  double.batches.push(1);
  await double.onBatch([key]);
  const outcome = double.plan.shift();
  if (outcome instanceof Error) throw outcome;
  const read = input.ExpressionAttributeValues?.[':read']?.N;
  const found = double.items.get(key) as { readonly v?: { readonly N?: string } } | undefined;
  if (read === undefined ? found !== undefined : found?.v?.N !== read) {
    throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
  }
  double.items.set(key, input.Item as never);
  return {};
}

function batchGet(double: TableDouble, input: BatchGetItemCommand['input']): unknown {
  const keys = input.RequestItems?.['tributary']?.Keys ?? [];
  if (keys.length === 0 || keys.length > 100) throw awsError('ValidationException');
  double.gets.push(keys.length);
  const now = keys.slice(0, double.pageSize);
  const rest = keys.slice(double.pageSize);
  const items = now.flatMap(({ pk, sk }) => double.items.get(`${pk?.S} ${sk?.S}`) ?? []);
  return {
    Responses: { tributary: items },
    ...(rest.length > 0 && { UnprocessedKeys: { tributary: { Keys: rest } } }),
  };
}

function query(double: TableDouble, input: QueryCommand['input']): unknown {
  const { ':pk': pk, ':from': from, ':to': to } = input.ExpressionAttributeValues ?? {};
  double.queries.push(pk?.S ?? '');
  if (double.queryError !== undefined) throw double.queryError;
  const after = input.ExclusiveStartKey?.['sk']?.S ?? '';
  const all = [...double.items.values()]
    .filter((item) => item['pk']?.S === pk?.S)
    .filter((item) => (item['sk']?.S ?? '') >= (from?.S ?? '') && (item['sk']?.S ?? '') > after)
    .filter((item) => to?.S === undefined || (item['sk']?.S ?? '') <= to.S)
    .sort((a, b) => ((a['sk']?.S ?? '') < (b['sk']?.S ?? '') ? -1 : 1));
  const page = all.slice(0, double.pageSize);
  if (page.length === all.length) return { Items: page };
  return { Items: page, LastEvaluatedKey: { pk: page.at(-1)?.['pk'], sk: page.at(-1)?.['sk'] } };
}
