import type { Backlog, BacklogReader } from '../compactor.ts';
import type { RetentionClass } from '../interface.ts';
import { readBacklog } from './read-backlog.ts';
import { KEEP_REPLACED_MS } from './read-leftovers.ts';
import { openTable, type Table, type TableOptions } from './table.ts';

export interface DynamoBacklogReaderOptions extends TableOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Tells what waits for compaction in the DynamoDB table; cannot compact. */
export class DynamoBacklogReader implements BacklogReader {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(options: DynamoBacklogReaderOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
  }

  backlog(tenant: string, retentionClass: RetentionClass): Promise<Backlog> {
    const [table, now] = [this.#table, this.#now];
    return readBacklog({ table, tenant, retentionClass, now, keepReplacedMs: KEEP_REPLACED_MS });
  }
}
