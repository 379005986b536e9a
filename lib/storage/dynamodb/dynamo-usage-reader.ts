import { DAY_MS } from '../retention-window.ts';
import type { HourOfUsage, UsageReader } from '../usage.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { readDaysOfUsage } from './day-usage.ts';
import type { DynamoLedgerOptions } from './dynamo-ledger-reader.ts';
import { readHourUsage } from './hour-usage.ts';
import { alignDown, alignedStarts, HOUR_MS } from './keys.ts';
import { openTable, type Table } from './table.ts';

/** Hours so young may not be added up yet: they are read entry by entry. */
const OPEN_HOURS = 3;
const MAX_PARALLEL_READS = 4;

/** Reads what tenants took; cannot write. */
export class DynamoUsageReader implements UsageReader {
  readonly #table: Table;
  readonly #now: () => number;

  constructor(options: DynamoLedgerOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
  }

  async hours(tenant: string, mint: number, maxt: number): Promise<readonly HourOfUsage[]> {
    const now = this.#now();
    const first = alignDown(mint, HOUR_MS);
    const days = await readDaysOfUsage(this.#table, tenant, alignDown(mint, DAY_MS), now);
    const found = new Map(days.flatMap(({ hours }) => [...hours].map(([hour, { usage }]) => [hour, usage] as const)));
    const open = { mint: Math.max(first, now - OPEN_HOURS * HOUR_MS), maxt: Math.min(maxt, now) };
    await boundedParallel(alignedStarts(open, HOUR_MS), MAX_PARALLEL_READS, async (hour) => {
      if (!found.has(hour)) found.set(hour, await readHourUsage(this.#table, tenant, hour, now));
    });
    return [...found]
      .filter(([hour, usage]) => hour >= first && hour <= maxt && Object.keys(usage).length > 0)
      .sort(([a], [b]) => a - b)
      .map(([hour, usage]) => ({ hour, usage }));
  }
}
