import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { awsError } from '../storage/dynamodb/table-double.ts';
import type { Fault, Process } from './process.ts';
import type { World } from './world.ts';

export const TABLE = 'tributary';

type Item = Record<string, AttributeValue>;
type Write = NonNullable<BatchWriteItemCommandInput['RequestItems']>[string][number];

/** Parts of DynamoDB that a test breaks on purpose, to see that it is noticed. */
export interface TableDefects {
  /** Conditions of writes are not looked at. */
  readonly ignoresConditions?: boolean;
  /** A batch that is taken in part is called taken as a whole. */
  readonly hidesUnprocessed?: boolean;
}

/** DynamoDB as the store uses it: one table in memory, atomic item by item, and a client for each process. */
export class SimTable {
  readonly #world: World;
  readonly #defects: TableDefects;
  /** Of a request for several items, that some are left for later. */
  readonly #partialRate: number;
  /** Items by sort key, by partition key. */
  readonly #partitions = new Map<string, Map<string, Item>>();

  constructor(world: World, partialRate: number, defects: TableDefects = {}) {
    this.#world = world;
    this.#partialRate = partialRate;
    this.#defects = defects;
  }

  clientOf(process: Process): DynamoDBClient {
    const send = (command: unknown) => {
      const [what, effect] = this.#effectOf(command);
      return process.call(what, effect, tableError);
    };
    return { send } as unknown as DynamoDBClient;
  }

  #effectOf(command: unknown): [what: string, effect: () => object] {
    if (command instanceof BatchWriteItemCommand) return ['BatchWriteItem', () => this.#batchWrite(command.input)];
    if (command instanceof BatchGetItemCommand) return ['BatchGetItem', () => this.#batchGet(command.input)];
    if (command instanceof PutItemCommand) return ['PutItem', () => this.#put(command.input)];
    if (command instanceof QueryCommand) return ['Query', () => this.#query(command.input)];
    throw new Error(`BUG: the simulated table does not know ${String(command)}`);
  }

  #isPartial(): boolean {
    return this.#world.faulty && this.#world.chance(this.#partialRate);
  }

  #batchWrite({ RequestItems }: BatchWriteItemCommandInput): object {
    const requests = RequestItems?.[TABLE] ?? [];
    const keys = new Set(requests.map((request) => JSON.stringify(keyOf(request))));
    if (requests.length === 0 || requests.length > 25 || keys.size < requests.length) {
      throw awsError('ValidationException');
    }
    const rest: Write[] = [];
    const isPartial = this.#isPartial();
    for (const request of requests) {
      if (isPartial && this.#world.chance(0.5)) rest.push(request);
      else this.#write(request);
    }
    if (rest.length === 0) return {};
    this.#world.count('fault unprocessed');
    return this.#defects.hidesUnprocessed ? {} : { UnprocessedItems: { [TABLE]: rest } };
  }

  #write(request: Write): void {
    const { pk, sk } = keyOf(request);
    if (request.DeleteRequest !== undefined) this.#partitions.get(pk)?.delete(sk);
    else this.#set(request.PutRequest?.Item ?? {});
  }

  #set(item: Item): void {
    const { pk, sk } = textKeyOf(item);
    const partition = this.#partitions.get(pk);
    if (partition === undefined) this.#partitions.set(pk, new Map([[sk, item]]));
    else partition.set(sk, item);
  }

  #put({ Item = {}, ConditionExpression, ExpressionAttributeValues = {} }: PutItemCommandInput): object {
    const { pk, sk } = textKeyOf(Item);
    const found = this.#partitions.get(pk)?.get(sk);
    if (!this.#defects.ignoresConditions && !holds(ConditionExpression, ExpressionAttributeValues, found)) {
      this.#world.count('conditional writes refused');
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
    }
    this.#set(Item);
    return {};
  }

  #batchGet({ RequestItems }: BatchGetItemCommandInput): object {
    const { Keys = [], ConsistentRead } = RequestItems?.[TABLE] ?? {};
    if (Keys.length === 0 || Keys.length > 100) throw awsError('ValidationException');
    requireConsistent(ConsistentRead);
    const isPartial = this.#isPartial();
    const rest: Item[] = [];
    const items: Item[] = [];
    for (const key of Keys) {
      const { pk, sk } = textKeyOf(key);
      if (isPartial && this.#world.chance(0.5)) rest.push(key);
      else items.push(...[this.#partitions.get(pk)?.get(sk)].filter((item) => item !== undefined));
    }
    return {
      Responses: { [TABLE]: items },
      ...(rest.length > 0 && { UnprocessedKeys: { [TABLE]: { Keys: rest, ConsistentRead } } }),
    };
  }

  #query({ ExpressionAttributeValues = {}, ExclusiveStartKey, ConsistentRead }: QueryCommandInput): object {
    requireConsistent(ConsistentRead);
    const { ':pk': pk, ':from': from, ':to': to } = ExpressionAttributeValues;
    const partition = this.#partitions.get(pk?.S ?? '') ?? new Map<string, Item>();
    const after = ExclusiveStartKey?.['sk']?.S;
    const keys = [...partition.keys()]
      .filter(
        (sk) => sk >= (from?.S ?? '') && (to?.S === undefined || sk <= to.S) && (after === undefined || sk > after),
      )
      .sort();
    const size = this.#isPartial() ? this.#world.between(1, 3) : keys.length;
    const page = keys.slice(0, size);
    const items = page.map((sk) => partition.get(sk));
    return page.length === keys.length
      ? { Items: items }
      : { Items: items, LastEvaluatedKey: { pk, sk: { S: page.at(-1) ?? '' } } };
  }
}

/** An old answer to an eventually consistent read would have to be simulated; the store makes none. */
function requireConsistent(isConsistent: boolean | undefined): void {
  if (isConsistent !== true) throw new Error('BUG: the store reads without ConsistentRead');
}

/** The forms of conditions that the store uses. Nothing expires here, so what has expired is absent. */
function holds(
  condition: string | undefined,
  values: Record<string, AttributeValue>,
  found: Item | undefined,
): boolean {
  if (condition === undefined) return true;
  const [, absent] = /^attribute_not_exists\((\w+)\)(?: OR #ttl <= :now)?$/.exec(condition) ?? [];
  if (absent !== undefined) return found?.[absent] === undefined;
  const [, name, value] = /^(\w+) = (:\w+)$/.exec(condition) ?? [];
  if (name === undefined || value === undefined) throw new Error(`BUG: the simulated table cannot judge ${condition}`);
  return found?.[name] !== undefined && found[name].N === values[value]?.N;
}

function keyOf({ PutRequest, DeleteRequest }: Write): { pk: string; sk: string } {
  return textKeyOf(PutRequest?.Item ?? DeleteRequest?.Key ?? {});
}

function textKeyOf({ pk, sk }: Item): { pk: string; sk: string } {
  return { pk: pk?.S ?? '', sk: sk?.S ?? '' };
}

function tableError(fault: Exclude<Fault, 'twice'>): Error {
  switch (fault) {
    case 'throttled':
      return awsError('ProvisionedThroughputExceededException');
    case 'failed':
    case 'broken':
      return awsError('InternalServerError', 500);
    default:
      return Object.assign(new Error('socket hang up'), { name: 'TimeoutError', $metadata: {} });
  }
}
