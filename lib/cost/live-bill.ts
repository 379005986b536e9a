import type { ClassRetention, RetentionClass } from '../storage/interface.ts';
import { LEDGER_DAYS } from '../storage/ledger.ts';
import { DAY_MS, LEFT_TO_EXPIRE_DAYS, type TimeRange } from '../storage/retention-window.ts';
import {
  addUsage,
  type HourOfUsage,
  type KeptKind,
  newUsage,
  type Usage,
  type UsageByWork,
  WORKS,
  type Work,
} from '../storage/usage.ts';
import { LOG_BYTES_PER_INVOCATION } from './cost-model.ts';
import { PRICES } from './prices.ts';

/** One term of a bill for what was really taken. */
export interface LiveTerm {
  /** `remoteWrite compute`: the function, and what of it. */
  readonly term: string;
  readonly units: number;
  readonly unit: string;
  /** Dollars of one unit. */
  readonly price: number;
  readonly dollars: number;
  /** Computed from what was measured with something that was not; other terms are counted. */
  readonly isEstimate: boolean;
}

export interface LiveBill {
  readonly terms: readonly LiveTerm[];
  readonly total: number;
}

/** Memory of the functions as serverless.yml has it, GB. */
export const MEMORY_GB: Readonly<Record<Work, number>> = {
  remoteWrite: 0.5,
  federation: 2,
  query: 1769 / 1024,
  contextualize: 1,
  evaluate: 1769 / 1024,
  compact: 1769 / 1024,
  api: 1769 / 1024,
};

const MILLION = 1e6;
const GB = 1e9;
const MONTH_HOURS = 720;
const HOUR_MS = 3600_000;

/** From when on (ms) hours are needed for the bill of a window: what was written then may still be stored. */
export function oldestBilled({ mint }: TimeRange, { normalised, derived, alerts }: ClassRetention): number {
  return Math.max(0, mint - (Math.max(normalised.days, derived.days, alerts.days, LEDGER_DAYS) + 1) * DAY_MS);
}

/** The bill for the hours that begin in [mint, maxt] (ms). @param hours from `oldestBilled` on */
export function liveBill(
  hours: readonly HourOfUsage[],
  { mint, maxt }: TimeRange,
  retention: ClassRetention,
): LiveBill {
  const usage: UsageByWork = {};
  for (const { hour, usage: taken } of hours) if (hour >= mint && hour <= maxt) addUsage(usage, taken);
  const gbMonths = storedByteHours(hours, { mint, maxt }, retention) / GB / MONTH_HOURS;
  const terms = [
    ...WORKS.flatMap((work) => termsOf(work, usage[work] ?? newUsage())),
    estimate('stored', gbMonths, 'GB-months', PRICES.tablePerGbMonth),
    estimate('backup', gbMonths, 'GB-months', PRICES.backupPerGbMonth),
  ].filter(({ units }) => units > 0);
  return { terms, total: terms.reduce((sum, { dollars }) => sum + dollars, 0) };
}

function termsOf(work: Work, usage: Usage): LiveTerm[] {
  const { requests, invocations, seconds, queueRequests, writeUnits, readUnits } = usage;
  const name = (what: string) => `${work} ${what}`;
  return [
    counted(name('requests'), requests, 'requests', PRICES.httpApiPerMillion / MILLION),
    counted(name('invocations'), invocations, 'invocations', PRICES.lambdaPerMillion / MILLION),
    estimate(name('compute'), seconds * MEMORY_GB[work], 'GB-seconds', PRICES.lambdaPerGbSecond),
    estimate(name('logs'), (invocations * LOG_BYTES_PER_INVOCATION) / GB, 'GB', PRICES.logsPerGb),
    estimate(name('queue'), queueRequests, 'requests of 64 KB', PRICES.sqsPerMillion / MILLION),
    counted(name('writes'), writeUnits, 'write units', PRICES.writeUnitsPerMillion / MILLION),
    counted(name('reads'), readUnits, 'read units', PRICES.readUnitsPerMillion / MILLION),
  ];
}

/**
 * What lies in the table through the hours of a window, in bytes times hours: whatever was written and has not expired.
 * Blocks that compaction deletes are left out, and chunks that others replaced count until they expire.
 */
function storedByteHours(hours: readonly HourOfUsage[], { mint, maxt }: TimeRange, retention: ClassRetention): number {
  /** Bytes that come or go at a time (ms). */
  const changes: (readonly [time: number, bytes: number])[] = [];
  for (const { hour, usage } of hours) {
    for (const { kept } of Object.values(usage)) {
      for (const [kind, bytes] of Object.entries(kept) as [KeptKind, number][]) {
        changes.push([hour, bytes], [hour + keptDays(kind, retention) * DAY_MS, -bytes]);
      }
    }
  }
  let sum = 0;
  for (const [time, bytes] of changes) sum += (bytes * Math.max(0, maxt + 1 - Math.max(time, mint))) / HOUR_MS;
  return sum;
}

/** Everything is deleted a day after it is read for the last time. */
function keptDays(kind: KeptKind, retention: ClassRetention): number {
  if (kind === 'ledger') return LEDGER_DAYS + 1;
  const [what, of] = kind.split('/') as [string, RetentionClass];
  const { days } = retention[of];
  return what === 'blocks' && days > LEFT_TO_EXPIRE_DAYS ? 0 : days + 1;
}

function counted(term: string, units: number, unit: string, price: number): LiveTerm {
  return { term, units, unit, price, dollars: units * price, isEstimate: false };
}

function estimate(term: string, units: number, unit: string, price: number): LiveTerm {
  return { ...counted(term, units, unit, price), isEstimate: true };
}
