import type { ClassRetention, Retention, RetentionClass } from './interface.ts';

export const DAY_MS = 24 * 3600_000;

/** How far ahead of now a sample may lie and still be written and found, ms. The door admits far less. */
export const AHEAD_MS = DAY_MS;

/**
 * DynamoDB deletes expired items for nothing, and bills a delete as a write. So merged blocks of a class that is kept for
 * at most so many days stay until they expire: readers do not look for them any more.
 */
export const LEFT_TO_EXPIRE_DAYS = 7;

/** Inclusive bounds in ms. */
export interface TimeRange {
  readonly mint: number;
  readonly maxt: number;
}

/** How long a tenant's samples are kept. */
export function retentionOf(retention: Retention, tenant: string): ClassRetention {
  const { tenants = {} } = retention;
  const {
    normalised,
    derived,
    alerts = { days: derived.days },
  } = Object.hasOwn(tenants, tenant) ? (tenants[tenant] as Omit<Retention, 'tenants'>) : retention;
  return { normalised, derived, alerts };
}

/** The part of a range that a class can still hold at `now`; undefined when that is nothing. */
export function retainedRange(
  { mint, maxt }: TimeRange,
  retention: ClassRetention,
  retentionClass: RetentionClass,
  now: number,
): TimeRange | undefined {
  const oldest = Math.max(0, now - retention[retentionClass].days * DAY_MS);
  const range = { mint: Math.max(mint, oldest), maxt: Math.min(maxt, now + AHEAD_MS) };
  return range.mint <= range.maxt ? range : undefined;
}
