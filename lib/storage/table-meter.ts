import type { KeptKind } from './usage.ts';

/** What a tenant took of the table. */
export interface TableUsage {
  writeUnits: number;
  readUnits: number;
  /** Bytes written of what stays until it expires. */
  kept: Partial<Record<KeptKind, number>>;
}

/** Counts what requests to the table take, tenant by tenant. */
export interface TableMeter {
  /** What a tenant took since it was asked for last. */
  take(tenant: string): TableUsage;
}
