import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costOf, DEFAULT_WORKLOAD } from '../lib/cost/cost-model.ts';
import { RECORDED_UNITS } from '../lib/cost/recorded-units.ts';
import { CountingTable } from './counting-table.ts';
import {
  BUCKET_MS,
  coldStorage,
  commitWindow,
  compactLog,
  type DayOfSamples,
  SCRAPE_MS,
  START,
  type WrittenLog,
  writeLog,
} from './day-of-samples.ts';
import { lineChart } from './line-chart.ts';
import { scrapeTraffic, type TrafficSeries } from './scrape-traffic.ts';
import { measureQuery } from './store-compaction.ts';

const SERIES = [1000, 3000, 10_000, 30_000, 100_000];
const SERIES_PER_POD = 36;
const HOURS = BUCKET_MS / 3600_000;
/** Long commits: what the log looks like makes no difference to chunks, and writing it takes longest here. */
const WINDOW_MS = 10 * 60_000;
/** What `serverless.yml` gathers for one commit. */
const LIVE_WINDOW_MS = 5000;
const LIVE_MS = 60_000;
const ROUNDS = 3;
/** A small log is compacted again and again until so many samples are measured. */
const SAMPLES_A_ROUND = 4_000_000;
/** More than this and the curve is not flat. */
const FLAT = 1.2;

const CURVES = {
  'dollars a sample': 'dollarsPerBillion',
  'write units a sample': 'writeUnitsPer1000',
  'bytes a sample': 'bytesPerSample',
  'compaction CPU a sample': 'compactionNs',
  'round trips of a query': 'queryRequests',
} as const;

/**
 * What a sample costs, takes and needs from a thousand to a hundred thousand stored series: nothing should grow with the
 * number of series but what is proportional to it. CPU is the median of rounds that take turns, since the machine may be
 * busy with other things for a while. Draws docs/growth.svg.
 */
export async function run(): Promise<Record<string, unknown>> {
  const sizes: Size[] = [];
  for (const series of SERIES) sizes.push(await prepare(series));
  // Once for the compiler: what comes first would otherwise look dearest.
  await compactionNs(sizes[1] as Size);
  for (let round = 0; round < ROUNDS; round++) {
    for (const size of sizes) size.rounds.push(await compactionNs(size));
  }
  const rows: Row[] = [];
  for (const size of sizes) rows.push(await measure(size));
  writeFileSync(join(import.meta.dirname, '../docs/growth.svg'), draw(rows));
  const timesSmallest = Object.fromEntries(
    Object.entries(CURVES).map(([name, key]) => [
      name,
      round(Math.max(...rows.map((row) => row[key] / first(rows)[key]))),
    ]),
  );
  const isFlat = Object.values(timesSmallest).every((times) => times <= FLAT);
  return { table: rows, rows, timesSmallest, isFlat };
}

type Row = Awaited<ReturnType<typeof measure>>;

interface Size {
  readonly series: number;
  /** Of a few pods, whatever else there is: a query of the same number of series at every size. */
  readonly asked: readonly TrafficSeries[];
  readonly log: WrittenLog;
  readonly liveWriteUnitsPer1000: number;
  /** Compaction's CPU, ns a sample, by round. */
  readonly rounds: number[];
}

async function prepare(series: number): Promise<Size> {
  const pods = Math.ceil(series / SERIES_PER_POD / 9);
  const traffic = scrapeTraffic({ services: 9, podsPerService: pods, routes: 1, seed: 7 }).slice(0, series);
  const liveWriteUnitsPer1000 = await liveWriteUnits(traffic);
  const log = await writeLog({ traffic, windowMs: WINDOW_MS });
  return { series, asked: traffic.slice(0, SERIES[0]), log, liveWriteUnitsPer1000, rounds: [] };
}

/** Write units of a thousand samples as they come in, once the labels of the day are written. */
async function liveWriteUnits(traffic: readonly TrafficSeries[]): Promise<number> {
  const table = new CountingTable();
  const storage = coldStorage(table, () => START);
  let samples = 0;
  for (let now = START + LIVE_WINDOW_MS; now <= START + SCRAPE_MS + LIVE_MS; now += LIVE_WINDOW_MS) {
    if (now === START + SCRAPE_MS + LIVE_WINDOW_MS) {
      table.takeUsage();
      samples = 0;
    }
    samples += await commitWindow(storage, { traffic, windowMs: LIVE_WINDOW_MS }, now);
  }
  return (table.takeUsage().writeUnits / samples) * 1000;
}

async function compactionNs({ log }: Size): Promise<number> {
  let [seconds, samples] = [0, 0];
  while (samples < SAMPLES_A_ROUND) {
    const compacted = await compactLog(log);
    seconds += compacted.compactSeconds;
    samples += compacted.samples;
  }
  return (seconds / samples) * 1e9;
}

async function measure({ series, asked, log, liveWriteUnitsPer1000, rounds }: Size) {
  const { table, samples, compacted }: Omit<DayOfSamples, 'storage'> = await compactLog(log);
  const query = await measureQuery(
    { storage: coldStorage(table, () => START + 2 * BUCKET_MS), table },
    asked,
    HOURS,
    25,
  );
  const bill = costOf(
    { ...DEFAULT_WORKLOAD, activeSeries: series / DEFAULT_WORKLOAD.selectedShare, queriesPerMonth: 0 },
    RECORDED_UNITS,
  );
  return {
    series,
    samples,
    dollarsPerBillion: round((bill.total / bill.rawSamples) * 1e9),
    writeUnitsPer1000: round(liveWriteUnitsPer1000 + (compacted.writeUnits / samples) * 1000),
    bytesPerSample: round(table.stored(() => true).bytes / samples),
    compactionNs: Math.round(median(rounds)),
    queryRequests: query.requests,
    queryBytes: query.bytesRead,
  };
}

function draw(rows: readonly Row[]): string {
  return lineChart(
    'Relative to 1,000 series',
    Object.entries(CURVES).map(([name, key]) => {
      return { name, points: rows.map((row) => ({ x: row.series, y: row[key] / first(rows)[key] })) };
    }),
  );
}

function first(rows: readonly Row[]): Row {
  return rows[0] as Row;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >>> 1] as number;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
