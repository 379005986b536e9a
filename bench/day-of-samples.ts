import { DynamoCompactable } from '../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';
import { CountingTable, type TableUsage } from './counting-table.ts';
import type { TrafficSeries } from './scrape-traffic.ts';

export interface DayOptions {
  readonly traffic: readonly TrafficSeries[];
  readonly hours: number;
  /** Samples of this much time are one commit. */
  readonly windowMs: number;
}

/** What was measured while samples of some hours were written and compacted. */
export interface DayOfSamples {
  readonly storage: DynamoStorage;
  readonly table: CountingTable;
  readonly samples: number;
  readonly written: TableUsage;
  readonly compacted: TableUsage;
  readonly appendSeconds: number;
  readonly compactSeconds: number;
  /** The clock after the last compaction, ms. */
  readonly now: number;
}

export const SCRAPE_MS = 15_000;
export const START = Date.UTC(2025, 10, 22, 0, 0, 0);
const BUCKET_MS = 2 * 3600_000;
const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };

/** Writes samples two hours at a time and compacts each two hours as soon as they are closed; labels at the end. */
export async function dayOfSamples({ traffic, hours, windowMs }: DayOptions): Promise<DayOfSamples> {
  let now = START;
  const table = new CountingTable();
  const settings = { client: table.client, tableName: table.tableName, retention: RETENTION, now: () => now };
  const storage = new DynamoStorage(settings);
  const compactor = new DynamoCompactable(settings).compactor('bench', 'normalised');
  const [written, compacted] = [usage(), usage()];
  let [samples, appendMs, compactMs] = [0, 0, 0];
  for (let bucket = START; bucket < START + hours * 3600_000; bucket += BUCKET_MS) {
    const begun = cpuMs();
    for (now = bucket; now < bucket + BUCKET_MS; now += windowMs) {
      const appender = storage.appender('bench', 'normalised');
      for (const [one, timestamp] of due(traffic, now - windowMs, now)) {
        appender.append(one.labels, { timestamp, value: one.next() });
        samples++;
      }
      await appender.commit();
    }
    appendMs += cpuMs() - begun;
    add(written, table.takeUsage());
    now = bucket + BUCKET_MS + 31 * 60_000;
    const compactBegun = cpuMs();
    while ((await compactor.step()).kind !== 'idle');
    compactMs += cpuMs() - compactBegun;
    add(compacted, table.takeUsage());
    // Merged blocks of this class are left to expire; nobody waits for that here.
    table.drop((pk) => pk.includes('/samples/'));
  }
  now = START + Math.ceil(hours / 24) * 24 * 3600_000 + 3 * 3600_000;
  while ((await compactor.step()).kind !== 'idle');
  add(compacted, table.takeUsage());
  const [appendSeconds, compactSeconds] = [appendMs / 1000, compactMs / 1000];
  return { storage, table, samples, written, compacted, appendSeconds, compactSeconds, now };
}

/** Prometheus spreads its targets over the interval, and hits its own time within a millisecond or two. */
function* due(traffic: readonly TrafficSeries[], begin: number, end: number): Generator<[TrafficSeries, number]> {
  for (let scrape = begin - (begin % SCRAPE_MS) - SCRAPE_MS; scrape < end; scrape += SCRAPE_MS) {
    if (scrape < START) continue;
    for (const one of traffic) {
      const exact = scrape + ((one.target * 4_397) % SCRAPE_MS);
      if (exact < begin || exact >= end) continue;
      const late = ((one.target * 7 + scrape / SCRAPE_MS) * 2_654_435_761) % 100;
      yield [one, exact + (late < 10 ? 1 + (late % 2) : 0)];
    }
  }
}

export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function usage(): TableUsage {
  return { requests: 0, writeUnits: 0, readUnits: 0, bytesWritten: 0, bytesRead: 0 };
}

function add(into: TableUsage, from: TableUsage): void {
  for (const key of Object.keys(into) as (keyof TableUsage)[]) into[key] += from[key];
}
