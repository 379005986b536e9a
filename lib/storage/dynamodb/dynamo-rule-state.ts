import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
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
    const { head, parts } = toStateItems(tenant, { revision: revision + 1, state }, this.#now());
    if (parts.length > 0) await writeItems(this.#table, parts);
    return this.#putHead(head, revision);
  }

  async #putHead({ pk, sk, payload, ttlSeconds }: TableItem, revision: number): Promise<boolean> {
    const isFirst = revision === 0;
    const command = new PutItemCommand({
      TableName: this.#table.tableName,
      Item: {
        pk: { S: pk },
        sk: { S: sk },
        d: { B: payload },
        ttl: { N: String(ttlSeconds) },
        rev: { N: String(revision + 1) },
      },
      ConditionExpression: isFirst ? 'attribute_not_exists(rev)' : 'rev = :rev',
      ...(!isFirst && { ExpressionAttributeValues: { ':rev': { N: String(revision) } } }),
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
