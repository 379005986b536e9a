import type { CompactionStep } from '../compactor.ts';
import type { ClassRetention, RetentionClass } from '../interface.ts';
import type { IdentifySeries } from '../series-identity.ts';
import { itemBytes, type Table, type TableItem, writeUnitsOf } from './table.ts';

/** What the steps of one compactor have together. */
export interface CompactorParts {
  readonly table: Table;
  readonly tenant: string;
  readonly retentionClass: RetentionClass;
  readonly retention: ClassRetention;
  readonly now: () => number;
  readonly shards: number;
  readonly identify: IdentifySeries;
  /** A name that no run ever had. */
  readonly newRun: () => string;
  /** Samples taken into memory at once. */
  readonly sliceSamples: number;
  /** How long replaced chunks stay for queries that have begun, ms. */
  readonly keepReplacedMs: number;
}

/** A report of what was done. */
export function toStep(
  kind: CompactionStep['kind'],
  samplesRead = 0,
  samplesWritten = 0,
  items: readonly TableItem[] = [],
): CompactionStep {
  return {
    kind,
    samplesRead,
    samplesWritten,
    itemsWritten: items.length,
    bytesWritten: items.reduce((sum, item) => sum + itemBytes(item), 0),
    writeUnits: items.reduce((sum, item) => sum + writeUnitsOf(item), 0),
  };
}
