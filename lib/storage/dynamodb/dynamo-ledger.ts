import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';
import { compareStrings } from '../../model/compare-strings.ts';
import type { Ledger, LedgerEntry, SourceTally } from '../ledger.ts';
import { DAY_MS } from '../retention-window.ts';
import { sumLedger } from '../sum-ledger.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { decodeItem } from './decode-item.ts';
import { alignDown, alignedStarts, expiry, HOUR_MS, ledgerKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { contentHash, MAX_PAYLOAD_BYTES, openTable, type Table, type TableItem, type TableOptions } from './table.ts';
import { writeItems } from './write-items.ts';

export interface DynamoLedgerOptions extends TableOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What one item holds. */
interface RecordedEntries {
  /** The writer's clock, ms: of two accounts of one message the later one counts. */
  readonly recordedAt: number;
  readonly entries: readonly LedgerEntry[];
}

const KEPT_DAYS = 15;
const MAX_PARALLEL_READS = 8;

/** The ledger on one DynamoDB table: the entries of one call packed into one item for each hour of receipt. */
export class DynamoLedger implements Ledger {
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

  async totals(tenant: string, mint: number, maxt: number): Promise<readonly SourceTally[]> {
    const now = this.#now();
    const range = { mint: Math.max(mint, 0, now - KEPT_DAYS * DAY_MS), maxt: Math.min(maxt, now + DAY_MS) };
    const latest = new Map<string, { readonly order: string; readonly entry: LedgerEntry }>();
    await boundedParallel(alignedStarts(range, HOUR_MS), MAX_PARALLEL_READS, async (hour) => {
      const pk = ledgerKey(tenant, hour);
      for await (const items of readItems(this.#table, { pk, now })) {
        for (const item of items) {
          const { recordedAt, entries } = decodeItem(pk, item, decodeEntries);
          const order = `${String(recordedAt).padStart(16, '0')}#${item.sk}`;
          for (const entry of entries) {
            const known = latest.get(entry.id);
            if (known === undefined || compareStrings(known.order, order) < 0) latest.set(entry.id, { order, entry });
          }
        }
      }
    });
    const entries = [...latest.values()].map(({ entry }) => entry);
    return sumLedger(entries, range.mint, range.maxt);
  }
}

/** The key tells the entries and not when they were recorded: recording the same again replaces the item. */
function toItems(tenant: string, hour: number, entries: readonly LedgerEntry[], recordedAt: number): TableItem[] {
  const payload = encodeJsonBlock('ledger', { recordedAt, entries } satisfies RecordedEntries);
  if (payload.length > MAX_PAYLOAD_BYTES && entries.length > 1) {
    const middle = entries.length >>> 1;
    return [entries.slice(0, middle), entries.slice(middle)].flatMap((half) => toItems(tenant, hour, half, recordedAt));
  }
  return [
    {
      pk: ledgerKey(tenant, hour),
      sk: contentHash(Buffer.from(JSON.stringify(entries), 'utf8')),
      payload,
      ttlSeconds: expiry(hour, HOUR_MS, KEPT_DAYS),
    },
  ];
}

function decodeEntries(payload: Uint8Array): RecordedEntries {
  return decodeJsonBlock('ledger', payload) as RecordedEntries;
}
