import { encodeJsonBlock } from '../../chunkenc/json-block.ts';
import { LEDGER_DAYS } from '../ledger.ts';
import type { UsageEntry, UsageRecorder } from '../usage.ts';
import { alignDown, expiry, HOUR_MS, usageEntriesKey } from './keys.ts';
import { replaceItem } from './replace-item.ts';
import { openTable, type Table, type TableOptions } from './table.ts';

/** Writes down what invocations took, one item each. */
export class DynamoUsageRecorder implements UsageRecorder {
  readonly #table: Table;

  constructor(options: TableOptions) {
    this.#table = openTable(options);
  }

  async recordUsage(tenant: string, { id, timestamp, usage }: UsageEntry): Promise<void> {
    const hour = alignDown(timestamp, HOUR_MS);
    const payload = encodeJsonBlock('usage', { usage });
    const ttlSeconds = expiry(hour, HOUR_MS, LEDGER_DAYS);
    // Where it is there already, an earlier attempt wrote it.
    await replaceItem(this.#table, { pk: usageEntriesKey(tenant, hour), sk: id, payload, ttlSeconds }, undefined);
  }
}
