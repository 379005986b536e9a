import type { RetentionClass } from '../interface.ts';
import { daysKey, timeDigits } from './keys.ts';
import type { TableItem } from './table.ts';

/** The first byte of a day's entry: writers set it to open, and compaction, when it has packed the labels, to packed. */
export const DAY_OPEN = 0;
export const DAY_PACKED = 1;

/** A day's entry in the list of days with samples. */
export function dayItem(
  tenant: string,
  retentionClass: RetentionClass,
  day: number,
  state: typeof DAY_OPEN | typeof DAY_PACKED,
  ttlSeconds: number,
): TableItem {
  return { pk: daysKey(tenant, retentionClass), sk: timeDigits(day), payload: Uint8Array.of(state), ttlSeconds };
}
