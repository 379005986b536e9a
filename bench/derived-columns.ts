import type { Labels } from '../lib/model/labels.ts';
import { Engine } from '../lib/promql/engine.ts';
import { MemoryStorage } from '../lib/storage/memory/memory-storage.ts';
import { SCRAPE_MS, START } from './day-of-samples.ts';
import type { TrafficSeries } from './scrape-traffic.ts';
import { seededRandom } from './seeded-random.ts';

const HOUR_MS = 3600_000;
const WARM_UP_MS = HOUR_MS / 6;
const COUNT = 'asserts:request:duration_seconds_count';

/** What rules of the packs ask, by kind. */
const QUESTIONS = {
  'derived rates': `rate(${COUNT}{status="200"}[5m])`,
  'sums of rates': `sum by (job, uri) (rate(${COUNT}[5m]))`,
  ratios: `sum by (job) (rate(${COUNT}{status="500"}[5m])) / sum by (job) (rate(${COUNT}[5m]))`,
} as const;

export interface DerivedSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
}

/**
 * Derived series as the engine computes them every minute from scraped counters, by kind. Scrapes come at exact times, as
 * Prometheus aligns them, but for one in a thousand.
 */
export async function derivedColumns(
  traffic: readonly TrafficSeries[],
  hours: number,
): Promise<[kind: string, series: readonly DerivedSeries[]][]> {
  const storage = new MemoryStorage();
  const appender = storage.appender('bench', 'normalised');
  const random = seededRandom(11);
  for (const { labels, target, next } of traffic) {
    if (labels.metricName !== COUNT) continue;
    for (let scrape = START - WARM_UP_MS; scrape < START + hours * HOUR_MS; scrape += SCRAPE_MS) {
      const timestamp = scrape + ((target * 4_397) % SCRAPE_MS) + (random() < 0.001 ? 3 : 0);
      appender.append(labels, { timestamp, value: next() });
    }
  }
  await appender.commit();
  const range = { start: START, end: START + hours * HOUR_MS - 1, step: 60_000 };
  return Promise.all(
    Object.entries(QUESTIONS).map(async ([kind, query]): Promise<[string, DerivedSeries[]]> => {
      const { data } = await new Engine().rangeQuery(storage.querier('bench'), query, range);
      return [kind, data.kind === 'matrix' ? data.series.map(({ labels, values }) => ({ labels, values })) : []];
    }),
  );
}
