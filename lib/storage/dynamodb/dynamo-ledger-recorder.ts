import { LEDGER_DAYS, type LedgerEntry, type LedgerRecorder } from '../ledger.ts';
import type { DynamoLedgerOptions } from './dynamo-ledger-reader.ts';
import { alignDown, expiry, HOUR_MS, ledgerKey } from './keys.ts';
import { encodeRecordedEntries } from './recorded-entries.ts';
import { contentHash, MAX_PAYLOAD_BYTES, openTable, type Table, type TableItem } from './table.ts';
import { writeItems } from './write-items.ts';

/** Writes accounts: the entries of one call packed into one item for each hour of receipt. */
export class DynamoLedgerRecorder implements LedgerRecorder {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(options: DynamoLedgerOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
  }

  async record(tenant: string, entries: readonly LedgerEntry[]): Promise<void> {
    const byHour = new Map<number, LedgerEntry[]>();
    for (const entry of entries) {
      const hour = alignDown(entry.timestamp, HOUR_MS);
      const group = byHour.get(hour);
      if (group === undefined) byHour.set(hour, [entry]);
      else group.push(entry);
    }
    const items = [...byHour].flatMap(([hour, group]) => toItems(tenant, hour, group, this.#now()));
    await writeItems(this.#table, items);
  }
}

/** The key tells the entries and not when they were recorded: recording the same again replaces the item. */
function toItems(tenant: string, hour: number, entries: readonly LedgerEntry[], recordedAt: number): TableItem[] {
  const payload = encodeRecordedEntries({ recordedAt, entries });
  if (payload.length > MAX_PAYLOAD_BYTES && entries.length > 1) {
    const middle = entries.length >>> 1;
    return [entries.slice(0, middle), entries.slice(middle)].flatMap((half) => toItems(tenant, hour, half, recordedAt));
  }
  return [
    {
      pk: ledgerKey(tenant, hour),
      sk: contentHash(Buffer.from(JSON.stringify(entries), 'utf8')),
      payload,
      ttlSeconds: expiry(hour, HOUR_MS, LEDGER_DAYS),
    },
  ];
}
