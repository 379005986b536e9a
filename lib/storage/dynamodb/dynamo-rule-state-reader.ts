import type { RevisedState, RuleStateReader } from '../rule-state.ts';
import { ruleStateKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { fromStateItems } from './rule-state-items.ts';
import { openTable, type Table, type TableOptions } from './table.ts';

export interface DynamoRuleStateOptions extends TableOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Reads the state of rules from the DynamoDB table. */
export class DynamoRuleStateReader implements RuleStateReader {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(options: DynamoRuleStateOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
  }

  async read(tenant: string): Promise<RevisedState | undefined> {
    const found = new Map<string, Uint8Array>();
    // Sorted by key, so the head comes first and parts that a later writer adds meanwhile do no harm.
    for await (const items of readItems(this.#table, { pk: ruleStateKey(tenant), now: this.#now() })) {
      for (const { sk, payload } of items) found.set(sk, payload);
    }
    return fromStateItems(found);
  }
}
