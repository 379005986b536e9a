import type { Ledger, LedgerEntry, SourceTally } from '../ledger.ts';
import { sumLedger } from '../sum-ledger.ts';
import {
  addUsage,
  type HourOfUsage,
  type UsageByWork,
  type UsageEntry,
  type UsageReader,
  type UsageRecorder,
} from '../usage.ts';

const HOUR_MS = 3600_000;

interface Accounts {
  /** By id. */
  readonly entries: Map<string, LedgerEntry>;
  readonly usage: Map<string, UsageEntry>;
}

/** A ledger that is gone with its process. */
export class MemoryLedger implements Ledger, UsageRecorder, UsageReader {
  readonly #tenants = new Map<string, Accounts>();

  async record(tenant: string, entries: readonly LedgerEntry[]): Promise<void> {
    const known = this.#of(tenant);
    for (const entry of entries) {
      known.entries.set(entry.id, structuredClone(entry));
      const { commit, timestamp } = entry;
      if (commit !== undefined) known.usage.set(commit.id, structuredClone({ ...commit, timestamp }));
    }
  }

  async totals(tenant: string, mint: number, maxt: number): Promise<readonly SourceTally[]> {
    return sumLedger(this.#of(tenant).entries.values(), mint, maxt);
  }

  async recordUsage(tenant: string, entry: UsageEntry): Promise<void> {
    this.#of(tenant).usage.set(entry.id, structuredClone(entry));
  }

  async hours(tenant: string, mint: number, maxt: number): Promise<readonly HourOfUsage[]> {
    const { entries, usage } = this.#of(tenant);
    const hours = new Map<number, UsageByWork>();
    for (const { timestamp, usage: taken } of [...entries.values(), ...usage.values()]) {
      const hour = Math.floor(timestamp / HOUR_MS) * HOUR_MS;
      if (taken === undefined || hour < Math.floor(mint / HOUR_MS) * HOUR_MS || hour > maxt) continue;
      const sum = hours.get(hour) ?? {};
      addUsage(sum, taken);
      hours.set(hour, sum);
    }
    return [...hours].sort(([a], [b]) => a - b).map(([hour, sum]) => ({ hour, usage: sum }));
  }

  #of(tenant: string): Accounts {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return known;
    const accounts: Accounts = { entries: new Map(), usage: new Map() };
    this.#tenants.set(tenant, accounts);
    return accounts;
  }
}
