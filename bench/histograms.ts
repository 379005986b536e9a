import { Engine } from '../lib/promql/engine.ts';
import { DynamoCompactable } from '../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';
import type { Appender } from '../lib/storage/interface.ts';
import { CountingTable } from './counting-table.ts';
import { cpuMs, SCRAPE_MS, START } from './day-of-samples.ts';
import { ObservedOperation } from './histogram-traffic.ts';

const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };
const BUCKET_MS = 2 * 3600_000;
const WINDOW_MS = 60_000;

const BY_JOB = 'sum by (job) (rate(asserts:latency:histogram[5m]))';
const BY_JOB_AND_BOUND = 'sum by (job, le) (rate(asserts:latency:bucket[5m]))';

/** Appends what one operation observed until a scrape; returns nothing to wait for. */
type Append = (appender: Appender, operation: ObservedOperation, timestamp: number) => void;

/**
 * `npm run bench -- histograms [OPERATIONS] [HOURS]`: the same requests as native histograms and as classic buckets, written
 * by the minute and compacted: bytes that stay, and CPU to write, compact and query them.
 */
export async function run([operations = '200', hours = '2']: readonly string[]): Promise<Record<string, unknown>> {
  const shape = { operations: Number(operations), hours: Number(hours) };
  const native = await measure(
    shape,
    (appender, operation, timestamp) => {
      appender.appendHistogram(operation.nativeSeries, operation.native(timestamp));
    },
    `histogram_quantile(0.95, ${BY_JOB})`,
  );
  const classic = await measure(
    shape,
    (appender, operation, timestamp) => {
      const values = operation.classic();
      for (const [i, labels] of operation.classicSeries.entries()) {
        appender.append(labels, { timestamp, value: values[i] as number });
      }
    },
    `histogram_quantile(0.95, ${BY_JOB_AND_BOUND})`,
  );
  const table = { 'native histograms': native, 'classic buckets': classic };
  return { table, ...shape, native, classic, classicBytesByNative: round(classic.bytesEach / native.bytesEach) };
}

async function measure(
  { operations, hours }: { readonly operations: number; readonly hours: number },
  append: Append,
  query: string,
) {
  let now = START;
  const table = new CountingTable();
  const settings = { client: table.client, tableName: table.tableName, retention: RETENTION, now: () => now };
  const storage = new DynamoStorage(settings);
  const compactor = new DynamoCompactable(settings).compactor('bench', 'normalised');
  const observed = Array.from({ length: operations }, (_, i) => new ObservedOperation(i));
  let [each, appendMs, compactMs, writeUnits] = [0, 0, 0, 0];
  for (let bucket = START; bucket < START + hours * 3600_000; bucket += BUCKET_MS) {
    for (now = bucket; now < bucket + BUCKET_MS; now += WINDOW_MS) {
      const appender = storage.appender('bench', 'normalised');
      for (let scrape = now; scrape < now + WINDOW_MS; scrape += SCRAPE_MS) {
        for (const operation of observed) operation.observe();
        const begun = cpuMs();
        for (const operation of observed)
          append(appender, operation, scrape + ((operation.target * 4_397) % SCRAPE_MS));
        appendMs += cpuMs() - begun;
        each += operations;
      }
      const begun = cpuMs();
      await appender.commit();
      appendMs += cpuMs() - begun;
    }
    now = bucket + BUCKET_MS + 31 * 60_000;
    writeUnits += table.takeUsage().writeUnits;
    const begun = cpuMs();
    while ((await compactor.step()).kind !== 'idle');
    compactMs += cpuMs() - begun;
    table.drop((pk) => pk.includes('/samples/'));
  }
  now = START + Math.ceil(hours / 24) * 24 * 3600_000 + 3 * 3600_000;
  while ((await compactor.step()).kind !== 'idle');
  const begun = performance.now();
  const range = { start: START + 3600_000, end: START + 2 * 3600_000 - 60_000, step: 60_000 };
  await new Engine({ maxSamples: 1e9 }).rangeQuery(storage.querier('bench'), query, range);
  const millions = each / 1e6;
  return {
    each,
    bytesEach: round(table.stored(() => true).bytes / each),
    logWriteUnitsPer1000: round((writeUnits / each) * 1000),
    appendCpuSecondsPerMillion: round(appendMs / 1000 / millions),
    compactCpuSecondsPerMillion: round(compactMs / 1000 / millions),
    queryMs: Math.round(performance.now() - begun),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
