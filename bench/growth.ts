import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { costOf, DEFAULT_WORKLOAD } from '../lib/cost/cost-model.ts';
import { RECORDED_UNITS } from '../lib/cost/recorded-units.ts';
import { dayOfSamples } from './day-of-samples.ts';
import { lineChart } from './line-chart.ts';
import { scrapeTraffic } from './scrape-traffic.ts';
import { measureQuery } from './store-compaction.ts';

const SERIES = [1000, 3000, 10_000, 30_000, 100_000];
const SERIES_PER_POD = 36;
const HOURS = 2;
/** Long commits: what the log looks like makes no difference to chunks. */
const WINDOW_MS = 10 * 60_000;

/**
 * What a sample costs, takes and needs from a thousand to a hundred thousand stored series: nothing should grow with the
 * number of series but what is proportional to it. Draws docs/growth.svg.
 */
export async function run(): Promise<Record<string, unknown>> {
  // Once for the compiler: what comes first would otherwise look dearest.
  await measure(SERIES[1] as number);
  const rows: Row[] = [];
  for (const series of SERIES) rows.push(await measure(series));
  const relative = (key: 'dollarsPerBillion' | 'bytesPerSample' | 'compactionNs' | 'queryRequests') =>
    rows.map((row) => ({ x: row.series, y: row[key] / (rows[0]?.[key] ?? 1) }));
  const chart = lineChart('Relative to 1,000 series', [
    { name: 'dollars a sample', points: relative('dollarsPerBillion') },
    { name: 'bytes a sample', points: relative('bytesPerSample') },
    { name: 'compaction CPU a sample', points: relative('compactionNs') },
    { name: 'round trips of a query', points: relative('queryRequests') },
  ]);
  writeFileSync(join(import.meta.dirname, '../docs/growth.svg'), chart);
  return { table: rows, rows };
}

type Row = Awaited<ReturnType<typeof measure>>;

async function measure(series: number) {
  const pods = Math.ceil(series / SERIES_PER_POD / 9);
  const traffic = scrapeTraffic({ services: 9, podsPerService: pods, routes: 1, seed: 7 }).slice(0, series);
  const day = await dayOfSamples({ traffic, hours: HOURS, windowMs: WINDOW_MS });
  // A query of the same number of series, whatever else there is.
  const query = await measureQuery(day, traffic, HOURS, 25);
  const bill = costOf(
    { ...DEFAULT_WORKLOAD, activeSeries: series / DEFAULT_WORKLOAD.selectedShare, queriesPerMonth: 0 },
    RECORDED_UNITS,
  );
  return {
    series,
    samples: day.samples,
    dollarsPerBillion: round((bill.total / bill.rawSamples) * 1e9),
    bytesPerSample: round(day.table.stored(() => true).bytes / day.samples),
    compactionNs: Math.round((day.compactSeconds / day.samples) * 1e9),
    queryRequests: query.requests,
    queryBytes: query.bytesRead,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
