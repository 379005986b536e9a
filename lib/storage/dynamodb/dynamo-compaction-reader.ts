import type { Backlog, CompactionReader } from '../compactor.ts';
import type { RetentionClass } from '../interface.ts';
import { DAY_MS, type TimeRange } from '../retention-window.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { alignDown, alignedStarts, BUCKET_MS } from './keys.ts';
import { readManifests } from './manifest.ts';
import { readBacklog } from './read-backlog.ts';
import { KEEP_REPLACED_MS } from './read-leftovers.ts';
import { openTable, type Table, type TableOptions } from './table.ts';

export interface DynamoCompactionReaderOptions extends TableOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const MAX_PARALLEL_READS = 8;

/** Tells how far compaction is in the DynamoDB table; cannot compact. */
export class DynamoCompactionReader implements CompactionReader {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(options: DynamoCompactionReaderOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
  }

  backlog(tenant: string, retentionClass: RetentionClass): Promise<Backlog> {
    const [table, now] = [this.#table, this.#now];
    return readBacklog({ table, tenant, retentionClass, now, keepReplacedMs: KEEP_REPLACED_MS });
  }

  /** From manifests alone, a request for each day. */
  async chunks(tenant: string, retentionClass: RetentionClass, { mint, maxt }: TimeRange): Promise<number> {
    let count = 0;
    await boundedParallel(alignedStarts({ mint, maxt }, DAY_MS), MAX_PARALLEL_READS, async (day) => {
      const range = { mint: Math.max(alignDown(mint, BUCKET_MS), day), maxt: Math.min(maxt, day + DAY_MS - 1) };
      const manifests = await readManifests(this.#table, tenant, retentionClass, range, { now: this.#now() });
      for (const { chunks } of manifests) count += chunks.length;
    });
    return count;
  }
}
