import type { RetentionClass } from './interface.ts';

/** The functions that take something of AWS for a tenant, by their names in serverless.yml. */
export const WORKS = ['remoteWrite', 'federation', 'query', 'contextualize', 'evaluate', 'compact', 'api'] as const;
export type Work = (typeof WORKS)[number];

/** What stays in the table until it expires; blocks and chunks of a class are kept for different times. */
export type KeptKind = `${'blocks' | 'chunks' | 'labels'}/${RetentionClass}` | 'ledger';

/** What a function took of AWS for one tenant, in the units that AWS bills. */
export interface Usage {
  /** Of the HTTP API. */
  requests: number;
  /** Of the function; one that worked for several tenants is shared between them. */
  invocations: number;
  /** The function's own time as it measured it: an estimate of what is billed. */
  seconds: number;
  /** Requests of 64 KB to the queue: sends are counted, receipts and deletions estimated. */
  queueRequests: number;
  writeUnits: number;
  readUnits: number;
  /** Bytes written of what stays. */
  kept: Partial<Record<KeptKind, number>>;
}

export type UsageByWork = Partial<Record<Work, Usage>>;

/** What one invocation took for a tenant. Recording an entry of the same id again replaces it, never adds to it. */
export interface UsageEntry {
  readonly id: string;
  /** ms */
  readonly timestamp: number;
  readonly usage: UsageByWork;
}

/** What a tenant took in one hour of the clock (UTC). */
export interface HourOfUsage {
  /** Start, ms. */
  readonly hour: number;
  readonly usage: UsageByWork;
}

export interface UsageRecorder {
  recordUsage(tenant: string, entry: UsageEntry): Promise<void>;
}

export interface UsageReader {
  /**
   * What was taken in the hours that [mint, maxt] (ms) touches, ascending, without hours of nothing. Both what entries of
   * the ledger carry and what was recorded apart.
   */
  hours(tenant: string, mint: number, maxt: number): Promise<readonly HourOfUsage[]>;
}

/** Adds up what is recorded entry by entry, so that long windows can be read. */
export interface UsageSums {
  /** Adds up the hours that are due, a bounded number of them; resolves to how many. Repeating it changes nothing. */
  addUp(tenant: string): Promise<number>;
}

export function newUsage(): Usage {
  return { requests: 0, invocations: 0, seconds: 0, queueRequests: 0, writeUnits: 0, readUnits: 0, kept: {} };
}

/** Adds `from` into `into`, work by work. */
export function addUsage(into: UsageByWork, from: UsageByWork): void {
  for (const [work, usage] of Object.entries(from) as [Work, Usage][]) {
    into[work] ??= newUsage();
    const sum = into[work];
    for (const unit of COUNTED) sum[unit] += usage[unit];
    for (const [kind, bytes] of Object.entries(usage.kept) as [KeptKind, number][]) {
      sum.kept[kind] = (sum.kept[kind] ?? 0) + bytes;
    }
  }
}

const COUNTED = ['requests', 'invocations', 'seconds', 'queueRequests', 'writeUnits', 'readUnits'] as const;
