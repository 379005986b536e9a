import { DynamoCompactable } from '../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';
import type { RetentionClass } from '../lib/storage/interface.ts';
import { CountingTable, type TableUsage } from './counting-table.ts';
import type { TrafficSeries } from './scrape-traffic.ts';

export interface DayOptions {
  readonly traffic: readonly TrafficSeries[];
  readonly hours: number;
  /** Samples of this much time are one commit. */
  readonly windowMs: number;
  /** Time between samples; default that of scrapes. Results of rules stand at exact times, scrapes nearly. */
  readonly stepMs?: number;
  readonly retentionClass?: RetentionClass;
}

/** What was measured while samples of some hours were written and compacted. */
export interface DayOfSamples {
  readonly storage: DynamoStorage;
  readonly table: CountingTable;
  readonly samples: number;
  readonly compacted: TableUsage;
  readonly compactSeconds: number;
}

/** A log that nobody compacted yet. */
export interface WrittenLog {
  readonly table: CountingTable;
  readonly samples: number;
}

export const SCRAPE_MS = 15_000;
export const START = Date.UTC(2025, 10, 22, 0, 0, 0);
const HOUR_MS = 3600_000;
export const BUCKET_MS = 2 * HOUR_MS;
/** After the end of a bucket: its log is closed then. */
const CLOSED_AFTER_MS = 31 * 60_000;
const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };

/** Writes samples two hours at a time and compacts each two hours as soon as they are closed; labels at the end. */
export async function dayOfSamples(options: DayOptions): Promise<DayOfSamples> {
  let now = START;
  const table = new CountingTable();
  const { retentionClass = 'normalised' } = options;
  const settings = { client: table.client, tableName: table.tableName, retention: RETENTION, now: () => now };
  const storage = new DynamoStorage(settings);
  const compactor = new DynamoCompactable(settings).compactor('bench', retentionClass);
  const compacted = usage();
  let [samples, compactMs] = [0, 0];
  for (let bucket = START; bucket < START + options.hours * HOUR_MS; bucket += BUCKET_MS) {
    samples += await writeBucket(storage, options, bucket, (time) => {
      now = time;
    });
    table.takeUsage();
    now = bucket + BUCKET_MS + CLOSED_AFTER_MS;
    const begun = cpuMs();
    while ((await compactor.step()).kind !== 'idle');
    compactMs += cpuMs() - begun;
    add(compacted, table.takeUsage());
    // Merged blocks are left to expire, or deleted for long classes; nobody waits for that here.
    table.drop((pk) => pk.includes('/samples/'));
  }
  now = START + Math.ceil(options.hours / 24) * 24 * HOUR_MS + 3 * HOUR_MS;
  while ((await compactor.step()).kind !== 'idle');
  add(compacted, table.takeUsage());
  return { storage, table, samples, compacted, compactSeconds: compactMs / 1000 };
}

/** Writes two hours, and nothing else. */
export async function writeLog(options: Omit<DayOptions, 'hours'>): Promise<WrittenLog> {
  let now = START;
  const table = new CountingTable();
  const storage = coldStorage(table, () => now);
  const samples = await writeBucket(storage, options, START, (time) => {
    now = time;
  });
  return { table, samples };
}

/** Compacts what `writeLog` wrote, in a table of its own; what is left there is what a day keeps of it. */
export async function compactLog(log: WrittenLog): Promise<Omit<DayOfSamples, 'storage'>> {
  const table = log.table.clone();
  const now = () => START + BUCKET_MS + CLOSED_AFTER_MS;
  const settings = { client: table.client, tableName: table.tableName, retention: RETENTION, now };
  const compactor = new DynamoCompactable(settings).compactor('bench', 'normalised');
  const begun = cpuMs();
  while ((await compactor.step()).kind !== 'idle');
  const compactSeconds = (cpuMs() - begun) / 1000;
  const compacted = table.takeUsage();
  table.drop((pk) => pk.includes('/samples/'));
  return { table, samples: log.samples, compacted, compactSeconds };
}

/** A process that knows nothing yet of what a table holds. */
export function coldStorage({ client, tableName }: CountingTable, now: () => number): DynamoStorage {
  return new DynamoStorage({ client, tableName, retention: RETENTION, now });
}

/** Returns how many samples there were. */
async function writeBucket(
  storage: DynamoStorage,
  options: Omit<DayOptions, 'hours'>,
  bucket: number,
  setClock: (time: number) => void,
): Promise<number> {
  let samples = 0;
  for (let now = bucket; now < bucket + BUCKET_MS; now += options.windowMs) {
    setClock(now);
    samples += await commitWindow(storage, options, now);
  }
  return samples;
}

/** Commits what came in the time of one window before `now`; returns how many samples there were. */
export async function commitWindow(
  storage: DynamoStorage,
  { traffic, windowMs, stepMs = SCRAPE_MS, retentionClass = 'normalised' }: Omit<DayOptions, 'hours'>,
  now: number,
): Promise<number> {
  let samples = 0;
  const appender = storage.appender('bench', retentionClass);
  for (const [one, timestamp] of due(traffic, now - windowMs, now, stepMs)) {
    appender.append(one.labels, { timestamp, value: one.next() });
    samples++;
  }
  await appender.commit();
  return samples;
}

/** Prometheus spreads its targets over the interval, and hits its own time within a millisecond or two. */
function* due(
  traffic: readonly TrafficSeries[],
  begin: number,
  end: number,
  stepMs: number,
): Generator<[TrafficSeries, number]> {
  const isScraped = stepMs === SCRAPE_MS;
  for (let step = begin - (begin % stepMs) - stepMs; step < end; step += stepMs) {
    if (step < START) continue;
    for (const one of traffic) {
      const exact = isScraped ? step + ((one.target * 4_397) % stepMs) : step;
      if (exact < begin || exact >= end) continue;
      const late = isScraped ? ((one.target * 7 + step / stepMs) * 2_654_435_761) % 100 : 100;
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
