import { type DynamoLedgerOptions, DynamoLedgerReader } from './dynamo-ledger-reader.ts';
import { DynamoUsageReader } from './dynamo-usage-reader.ts';

/** What came in and what became of it, and what that took. */
export function openAccounts(options: DynamoLedgerOptions) {
  return { ledger: new DynamoLedgerReader(options), usage: new DynamoUsageReader(options) };
}
