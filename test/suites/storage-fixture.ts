import { Labels } from '../../lib/model/labels.ts';
import { Matcher, type MatchType } from '../../lib/model/matcher.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import type { Retention, RetentionClass, Storage } from '../../lib/storage/interface.ts';

/** One store that a test may open several times, as several processes would. */
export interface StorageFixture {
  readonly open: () => Storage;
}

/** Starts a store with nothing of the tenants that a test names; `now` in ms. */
export type StorageFactory = (options: {
  readonly retention: Retention;
  readonly now: () => number;
}) => Promise<StorageFixture>;

export const HOUR = 3600_000;
export const DAY = 24 * HOUR;
/** 2025-11-22T10:00:00Z, somewhere inside a two-hour bucket's day. */
export const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);
export const RETENTION: Retention = { normalised: { days: 2 }, derived: { days: 400 } };
export const ALL = { mint: 0, maxt: Number.MAX_SAFE_INTEGER };

let tenants = 0;
export function newTenant(): string {
  return `tenant-${process.pid}-${tenants++}`;
}

export function series(metric: string, labels: Record<string, string> = {}): Labels {
  return Labels.from({ __name__: metric, ...labels });
}

export function match(name: string, type: MatchType, value: string): Matcher {
  return new Matcher(type, name, value);
}

export type Written = readonly [Labels, Sample];

export async function write(
  storage: Storage,
  tenant: string,
  samples: readonly Written[],
  retentionClass: RetentionClass = 'derived',
) {
  const appender = storage.appender(tenant, retentionClass);
  for (const [labels, sample] of samples) appender.append(labels, sample);
  return appender.commit();
}

/** Spells a value so that zeros, markers and NaNs differ. */
export function spell(value: number): string {
  if (isStaleNaN(value)) return 'stale';
  return Object.is(value, -0) ? '-0' : String(value);
}

export function bitsOf(values: Float64Array): bigint[] {
  return [...new BigUint64Array(values.slice().buffer)];
}
