import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';
import type { LedgerEntry } from '../ledger.ts';

/** What one item of the ledger holds. */
export interface RecordedEntries {
  /** The writer's clock, ms: of two accounts of one message the later one counts. */
  readonly recordedAt: number;
  readonly entries: readonly LedgerEntry[];
}

export function encodeRecordedEntries(recorded: RecordedEntries): Uint8Array {
  return encodeJsonBlock('ledger', recorded);
}

/** @throws CorruptBlockError */
export function decodeRecordedEntries(payload: Uint8Array): RecordedEntries {
  return decodeJsonBlock('ledger', payload) as RecordedEntries;
}
