import type { Ledger, LedgerEntry, SourceTally } from '../ledger.ts';
import { sumLedger } from '../sum-ledger.ts';

/** A ledger that is gone with its process. */
export class MemoryLedger implements Ledger {
  /** Entries by tenant and id. */
  readonly #tenants = new Map<string, Map<string, LedgerEntry>>();

  async record(tenant: string, entries: readonly LedgerEntry[]): Promise<void> {
    const known = this.#tenants.get(tenant) ?? new Map<string, LedgerEntry>();
    this.#tenants.set(tenant, known);
    for (const entry of entries) known.set(entry.id, structuredClone(entry));
  }

  async totals(tenant: string, mint: number, maxt: number): Promise<readonly SourceTally[]> {
    return sumLedger(this.#tenants.get(tenant)?.values() ?? [], mint, maxt);
  }
}
