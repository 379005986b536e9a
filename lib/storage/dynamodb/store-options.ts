import type { Retention } from '../interface.ts';
import type { IdentifySeries } from '../series-identity.ts';
import type { TableOptions } from './table.ts';

/** What readers and writers of one store agree on. */
export interface StoreOptions extends TableOptions {
  readonly retention: Retention;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * Partitions that the blocks of one day are spread over; 1 (the default) takes some 50,000 samples a second, the
   * write throughput of one DynamoDB partition. May be raised at any time, and never lowered while older data is kept.
   */
  readonly shards?: number;
  /** How series are identified; only tests replace it. */
  readonly identify?: IdentifySeries;
}

export function shardsOf({ shards = 1 }: StoreOptions): number {
  if (!Number.isInteger(shards) || shards < 1) throw new RangeError(`cannot open the store: shards is ${shards}`);
  return shards;
}
