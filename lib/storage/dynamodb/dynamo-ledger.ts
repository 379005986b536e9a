import type { Ledger, LedgerEntry, SourceTally } from '../ledger.ts';
import { type DynamoLedgerOptions, DynamoLedgerReader } from './dynamo-ledger-reader.ts';
import { DynamoLedgerRecorder } from './dynamo-ledger-recorder.ts';

/** The ledger on one DynamoDB table, for who writes and reads. */
export class DynamoLedger implements Ledger {
  readonly #recorder: DynamoLedgerRecorder;
  readonly #reader: DynamoLedgerReader;

  constructor(options: DynamoLedgerOptions) {
    this.#recorder = new DynamoLedgerRecorder(options);
    this.#reader = new DynamoLedgerReader(options);
  }

  record(tenant: string, entries: readonly LedgerEntry[]): Promise<void> {
    return this.#recorder.record(tenant, entries);
  }

  totals(tenant: string, mint: number, maxt: number): Promise<readonly SourceTally[]> {
    return this.#reader.totals(tenant, mint, maxt);
  }
}
