import type { UsageEntry, UsageRecorder } from '../usage.ts';
import type { DynamoLedgerOptions } from './dynamo-ledger-reader.ts';
import { alignDown, expiry, HOUR_MS, ledgerKey } from './keys.ts';
import { encodeRecordedEntries, LEDGER_DAYS } from './recorded-entries.ts';
import { replaceItem } from './replace-item.ts';
import { openTable, type Table } from './table.ts';

/** Writes down what invocations took, beside the accounts of the hour: one item each. */
export class DynamoUsageRecorder implements UsageRecorder {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(options: DynamoLedgerOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
  }

  async recordUsage(tenant: string, { id, timestamp, usage }: UsageEntry): Promise<void> {
    const hour = alignDown(timestamp, HOUR_MS);
    const payload = encodeRecordedEntries({ recordedAt: this.#now(), entries: [], usage });
    const ttlSeconds = expiry(hour, HOUR_MS, LEDGER_DAYS);
    // Where it is there already, an earlier attempt wrote it.
    await replaceItem(this.#table, { pk: ledgerKey(tenant, hour), sk: `usage#${id}`, payload, ttlSeconds }, undefined);
  }
}
