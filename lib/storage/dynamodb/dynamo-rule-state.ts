import { ConditionalCheckFailedException, PutItemCommand, type PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { EvaluationState, RevisedState, RuleState } from '../rule-state.ts';
import { type DynamoRuleStateOptions, DynamoRuleStateReader } from './dynamo-rule-state-reader.ts';
import { toStateItems } from './rule-state-items.ts';
import { openTable, type Table, type TableItem, unavailable } from './table.ts';
import { writeItems } from './write-items.ts';

/**
 * The state of rules on the DynamoDB table: one item for a tenant, replaced on the condition that its revision is still
 * the one that was read.
 */
export class DynamoRuleState implements RuleState {
  readonly #table: Table;
  readonly #now: () => number;
  readonly #reader: DynamoRuleStateReader;

  constructor(options: DynamoRuleStateOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
    this.#reader = new DynamoRuleStateReader(options);
  }

  read(tenant: string): Promise<RevisedState | undefined> {
    return this.#reader.read(tenant);
  }

  async replace(tenant: string, revision: number, state: EvaluationState): Promise<boolean> {
    const now = this.#now();
    const { head, parts } = toStateItems(tenant, { revision: revision + 1, state }, now);
    if (parts.length > 0) await writeItems(this.#table, parts);
    return this.#putHead(head, revision, now);
  }

  async #putHead({ pk, sk, payload, ttlSeconds }: TableItem, revision: number, now: number): Promise<boolean> {
    const command = new PutItemCommand({
      TableName: this.#table.tableName,
      Item: {
        pk: { S: pk },
        sk: { S: sk },
        d: { B: payload },
        ttl: { N: String(ttlSeconds) },
        rev: { N: String(revision + 1) },
      },
      ...(revision === 0 ? ifThereIsNone(now) : ifItIsStill(revision)),
    });
    try {
      await this.#table.client.send(command);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw unavailable('write the state of rules to', this.#table, error);
    }
  }
}

type Condition = Pick<
  PutItemCommandInput,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** What has expired is not there for readers, whether or not DynamoDB has found the time to delete it. */
function ifThereIsNone(now: number): Condition {
  return {
    ConditionExpression: 'attribute_not_exists(rev) OR #ttl <= :now',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1000)) } },
  };
}

function ifItIsStill(revision: number): Condition {
  return { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: { ':rev': { N: String(revision) } } };
}
