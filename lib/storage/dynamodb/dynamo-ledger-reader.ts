import { compareStrings } from '../../model/compare-strings.ts';
import { LEDGER_DAYS, type LedgerEntry, type LedgerReader, type SourceTally } from '../ledger.ts';
import { DAY_MS } from '../retention-window.ts';
import { sumLedger } from '../sum-ledger.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { decodeItem } from './decode-item.ts';
import { alignedStarts, HOUR_MS, ledgerKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { decodeRecordedEntries } from './recorded-entries.ts';
import { openTable, type Table, type TableOptions } from './table.ts';

export interface DynamoLedgerOptions extends TableOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const MAX_PARALLEL_READS = 8;

/** Reads accounts; cannot write any. */
export class DynamoLedgerReader implements LedgerReader {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(options: DynamoLedgerOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
  }

  async totals(tenant: string, mint: number, maxt: number): Promise<readonly SourceTally[]> {
    const now = this.#now();
    const range = { mint: Math.max(mint, 0, now - LEDGER_DAYS * DAY_MS), maxt: Math.min(maxt, now + DAY_MS) };
    const latest = new Map<string, { readonly order: string; readonly entry: LedgerEntry }>();
    await boundedParallel(alignedStarts(range, HOUR_MS), MAX_PARALLEL_READS, async (hour) => {
      const pk = ledgerKey(tenant, hour);
      for await (const items of readItems(this.#table, { pk, now })) {
        for (const item of items) {
          const { recordedAt, entries } = decodeItem(pk, item, decodeRecordedEntries);
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
