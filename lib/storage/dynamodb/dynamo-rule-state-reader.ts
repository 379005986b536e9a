import type { RevisedState, RuleStateReader } from '../rule-state.ts';
import { ruleStateKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { HEAD_SORT_KEY, joinParts, openHead } from './rule-state-items.ts';
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
    const head = (await this.#read(tenant, HEAD_SORT_KEY, HEAD_SORT_KEY)).get(HEAD_SORT_KEY);
    if (head === undefined) return undefined;
    const state = openHead(head);
    if ('revised' in state) return state.revised;
    const [first = '', last = first] = [state.parts[0], state.parts.at(-1)];
    return joinParts(state.parts, await this.#read(tenant, first, last));
  }

  /** Parts of replaced states lie in the same partition until they expire: only what is asked for is read. */
  async #read(tenant: string, from: string, to: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for await (const items of readItems(this.#table, { pk: ruleStateKey(tenant), from, to, now: this.#now() })) {
      for (const { sk, payload } of items) found.set(sk, payload);
    }
    return found;
  }
}
