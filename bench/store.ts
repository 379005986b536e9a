import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';
import type { CommitReport, Storage } from '../lib/storage/interface.ts';
import { scrapeTraffic, type TrafficSeries } from './scrape-traffic.ts';
import { seededRandom } from './seeded-random.ts';
import { measureDay, measureLayouts } from './store-compaction.ts';
import { measureKinds } from './store-kinds.ts';
import { measureLookup } from './store-lookup.ts';
import { measureWindows } from './store-windows.ts';

/** Traffic and how it reaches the store. */
interface Scenario {
  readonly name: string;
  readonly traffic: readonly TrafficSeries[];
  /** Raw samples that Prometheus sends for one that is selected. */
  readonly rawPerSelected: number;
  /** Samples of this much time are one commit. */
  readonly windowMs: number;
  /** Worker instances that take turns, each with a memory of its own. */
  readonly workers: number;
}

const SCRAPE_INTERVAL_MS = 15_000;
const DURATION_MS = 2 * 3600_000;
const START = Date.UTC(2025, 10, 22, 9, 0, 0);
const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };

/**
 * What DynamoDB bills for writes, from the sizes of the items that the real encoder makes. A commit holds what the event
 * source mapping of serverless.yml gathers: the messages of 5 s (batch size 100 is never reached here). The longer
 * windows show what a longer `maximumBatchingWindow` would save, or a worker that catches up after a pause.
 */
export async function run(): Promise<Record<string, unknown>> {
  const shop = scrapeTraffic({ services: 5, podsPerService: 2, routes: 1, seed: 1 });
  const fleet = scrapeTraffic({ services: 9, podsPerService: 3, routes: 1, seed: 2 });
  const results = [];
  for (const windowMs of [5000, 15_000, 60_000]) {
    results.push(await measure({ name: 'demo shop', traffic: shop, rawPerSelected: 5, windowMs, workers: 2 }));
    results.push(await measure({ name: '10k raw series', traffic: fleet, rawPerSelected: 10, windowMs, workers: 2 }));
  }
  const layouts = await measureLayouts();
  console.table(layouts);
  const kinds = await measureKinds();
  console.table([
    ...kinds.rows,
    { kind: 'average of kinds', bytesPerSample: kinds.averageOfKinds },
    { kind: 'average of samples', bytesPerSample: kinds.averageOfSamples },
  ]);
  // Of a hundred pods each metric has a hundred series.
  const query = (await measureDay(3600, 24)).query;
  const { query: _, ...compacted } = await measureDay(10_000, 24);
  const lookup = await measureLookup();
  console.table([compacted]);
  console.table([query]);
  console.table([lookup]);
  const windows = await measureWindows();
  console.table([windows.bytesPerSeriesYear]);
  console.table(windows.queries);
  return { table: results.map(toRow), scenarios: results, layouts, kinds, compacted, query, lookup, windows };
}

async function measure({ name, traffic, rawPerSelected, windowMs, workers }: Scenario) {
  let now = START;
  const stores = Array.from({ length: workers }, () => openStore(() => now));
  const totals = { samples: 0, items: 0, bytes: 0, writeUnits: 0 };
  const labels = { newSeries: 0, bytes: 0, writeUnits: 0 };
  let [nanoseconds, commits] = [0, 0];
  for (; now < START + DURATION_MS; now += windowMs, commits++) {
    const samples = samplesOf(traffic, now, now + windowMs);
    const { storage, labelsWritten } = stores[commits % workers] as BenchStore;
    const started = performance.now();
    const report = await commit(storage, samples);
    nanoseconds += (performance.now() - started) * 1e6;
    for (const key of ['samples', 'items', 'bytes', 'writeUnits'] as const) totals[key] += report[key];
    labels.newSeries += report.newSeries;
    const { bytes, writeUnits } = labelsWritten();
    labels.bytes += bytes;
    labels.writeUnits += writeUnits;
  }
  const perThousand = (totals.writeUnits / totals.samples) * 1000;
  return {
    name,
    windowSeconds: windowMs / 1000,
    selectedSeries: traffic.length,
    samplesPerCommit: Math.round(totals.samples / commits),
    writeUnitsPer1000Selected: round(perThousand),
    writeUnitsPerMillionRaw: Math.round((perThousand * 1000) / rawPerSelected),
    bytesPerSample: round(totals.bytes / totals.samples),
    labelsBytesPerNewSeries: round(labels.bytes / labels.newSeries),
    labelsShareOfWriteUnits: round(labels.writeUnits / totals.writeUnits),
    // One item for each sample costs one write unit each, whatever its size.
    timesCheaperThanItemPerSample: Math.round(totals.samples / totals.writeUnits),
    nanosecondsPerSample: Math.round(nanoseconds / totals.samples),
  };
}

type BenchSample = readonly [TrafficSeries['labels'], { readonly timestamp: number; readonly value: number }];

/** Prometheus spreads its targets over the interval and scrapes each at its own offset, give or take 2 ms. */
function samplesOf(traffic: readonly TrafficSeries[], begin: number, end: number): BenchSample[] {
  const jitter = seededRandom(begin / 1000);
  const late = Array.from({ length: 64 }, () => (jitter() < 0.1 ? Math.round(jitter() * 2) : 0));
  const samples: BenchSample[] = [];
  for (
    let scrape = Math.floor(begin / SCRAPE_INTERVAL_MS) * SCRAPE_INTERVAL_MS;
    scrape < end;
    scrape += SCRAPE_INTERVAL_MS
  ) {
    for (const { labels, target, next } of traffic) {
      const due = scrape + ((target * 4_397) % SCRAPE_INTERVAL_MS);
      if (due < begin || due >= end) continue;
      samples.push([labels, { timestamp: due + (late[target % 64] as number), value: next() }]);
    }
  }
  return samples;
}

async function commit(storage: Storage, samples: readonly BenchSample[]): Promise<CommitReport> {
  const appender = storage.appender('bench', 'normalised');
  for (const [labels, sample] of samples) appender.append(labels, sample);
  return appender.commit();
}

interface BenchStore {
  readonly storage: Storage;
  /** What labels took since the last call. */
  readonly labelsWritten: () => { readonly bytes: number; readonly writeUnits: number };
}

/** A store whose table takes everything and holds nothing, so that each instance writes its labels itself. */
function openStore(now: () => number): BenchStore {
  let sizes: number[] = [];
  const client = {
    send: async ({ input }: { readonly input: { readonly RequestItems?: Record<string, BenchRequest[]> } }) => {
      for (const { PutRequest } of input.RequestItems?.['bench'] ?? []) {
        const { pk, sk, d } = PutRequest.Item;
        if (!pk.S.includes('/samples/')) sizes.push(pk.S.length + sk.S.length + d.B.length + 15);
      }
      return {};
    },
  } as unknown as DynamoDBClient;
  return {
    storage: new DynamoStorage({ client, tableName: 'bench', retention: RETENTION, now }),
    labelsWritten: () => {
      const [bytes, writeUnits] = [sum(sizes), sum(sizes.map((size) => Math.ceil(size / 1024)))];
      sizes = [];
      return { bytes, writeUnits };
    },
  };
}

interface BenchRequest {
  readonly PutRequest: {
    readonly Item: { readonly pk: { S: string }; readonly sk: { S: string }; readonly d: { B: Uint8Array } };
  };
}

type Measured = Awaited<ReturnType<typeof measure>>;

function toRow(measured: Measured): Record<string, unknown> {
  return {
    traffic: measured.name,
    'window s': measured.windowSeconds,
    series: measured.selectedSeries,
    'samples / commit': measured.samplesPerCommit,
    'WU / 1,000 selected': measured.writeUnitsPer1000Selected,
    'WU / M raw': measured.writeUnitsPerMillionRaw,
    'B / sample': measured.bytesPerSample,
    'labels B / series': measured.labelsBytesPerNewSeries,
    'labels share': measured.labelsShareOfWriteUnits,
    'x cheaper than rows': measured.timesCheaperThanItemPerSample,
    'ns / sample': measured.nanosecondsPerSample,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
