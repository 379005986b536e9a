import { addTally, type LedgerEntry, type LedgerRecorder, newTally, type Tally } from '../storage/ledger.ts';

/** A ledger that adds up what is recorded through it: what one batch of messages came to. */
export class TallyingLedger implements LedgerRecorder {
  readonly tally: Tally = newTally();
  readonly #ledger: LedgerRecorder;

  constructor(ledger: LedgerRecorder) {
    this.#ledger = ledger;
  }

  async record(tenant: string, entries: readonly LedgerEntry[]): Promise<void> {
    await this.#ledger.record(tenant, entries);
    for (const { tally } of entries) addTally(this.tally, tally);
  }
}
