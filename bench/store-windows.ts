import { Labels } from '../lib/model/labels.ts';
import { Engine } from '../lib/promql/engine.ts';
import { DynamoCompactable } from '../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';
import type { Retention } from '../lib/storage/interface.ts';
import { CountingTable } from './counting-table.ts';
import { seededRandom } from './seeded-random.ts';

const MINUTE_MS = 60_000;
const BUCKET_MS = 2 * 3600_000;
const DAY_MS = 12 * BUCKET_MS;
const START = Date.UTC(2025, 0, 1);
const DAYS = 365;
/** A chunk of windows of an hour holds hundreds of series; these fill a part of it. */
const SERIES = 24;
const RETENTION: Retention = {
  normalised: { days: 2 },
  derived: { days: 400, downsampled: { '5m': { days: 400 }, '1h': { days: 1825 } } },
};

/** Questions to a year, one a day or more. */
const QUESTIONS = [
  ['max_over_time(rate_of_requests[1d])', DAY_MS],
  ['avg_over_time(ratio_of_errors[1d])', DAY_MS],
  ['sum(rate_of_requests)', DAY_MS / 4],
  ['max_over_time(rate_of_requests[2h])', DAY_MS / 12],
] as const;

/** A year of derived series, one sample a minute: bytes of samples and of windows, and what reading a year takes of either. */
export async function measureWindows() {
  let now = START;
  const table = new CountingTable();
  const settings = { client: table.client, tableName: table.tableName, retention: RETENTION, now: () => now };
  const writer = new DynamoStorage(settings);
  const compactor = new DynamoCompactable(settings).compactor('bench', 'derived');
  const series = derivedSeries();
  const spent = { compacting: 0, downsampling: 0 };
  for (let bucket = START; bucket < START + DAYS * DAY_MS; bucket += BUCKET_MS) {
    now = bucket + BUCKET_MS;
    const appender = writer.appender('bench', 'derived');
    for (let timestamp = bucket; timestamp < bucket + BUCKET_MS; timestamp += MINUTE_MS) {
      for (const { labels, next } of series) appender.append(labels, { timestamp, value: next() });
    }
    await appender.commit();
    now += 31 * MINUTE_MS;
    await compactAll(compactor, spent);
  }
  for (let i = 0; i < 8; i++) {
    now += BUCKET_MS;
    await compactAll(compactor, spent);
  }
  const perSeriesYear = (part: string) =>
    Math.round((table.stored((pk) => pk.includes(part)).bytes / SERIES) * (365 / DAYS));
  const bytes = {
    samples: perSeriesYear('/chunks/') + perSeriesYear('/manifests/'),
    '5m': perSeriesYear('/windows/5m/') + perSeriesYear('/window-manifests/5m/'),
    '1h': perSeriesYear('/windows/1h/') + perSeriesYear('/window-manifests/1h/'),
    labels: perSeriesYear('/window-labels/'),
  };
  const queries = [];
  for (const [query, step] of QUESTIONS) {
    for (const maxSourceResolution of [0, 'auto'] as const) {
      table.takeUsage();
      const begun = performance.now();
      const reader = new DynamoStorage(settings).querier('bench');
      const range = { start: START + DAY_MS, end: START + DAYS * DAY_MS, step };
      const { infos } = await new Engine().rangeQuery(reader, query, range, { maxSourceResolution });
      const { requests, bytesRead, readUnits } = table.takeUsage();
      const answeredFrom = /windows of \S+/.exec(infos.join())?.[0] ?? 'samples';
      const milliseconds = Math.round(performance.now() - begun);
      queries.push({ query, answeredFrom, requests, bytesRead, readUnits, milliseconds });
    }
  }
  const perThousand = (units: number) => Math.round((units / (SERIES * DAYS * 1.44)) * 100) / 100;
  const writeUnitsPer1000 = { compaction: perThousand(spent.compacting), windows: perThousand(spent.downsampling) };
  return { bytesPerSeriesYear: bytes, writeUnitsPer1000, queries };
}

async function compactAll(
  compactor: ReturnType<DynamoCompactable['compactor']>,
  spent: { compacting: number; downsampling: number },
): Promise<void> {
  for (;;) {
    const { kind, writeUnits } = await compactor.step();
    if (kind === 'idle') return;
    spent[kind === 'downsampled' ? 'downsampling' : 'compacting'] += writeUnits;
  }
}

/** A third each rates, sums of rates, and ratios, as rules compute them every minute, busier by day than by night. */
function derivedSeries(): { readonly labels: Labels; readonly next: () => number }[] {
  const random = seededRandom(3);
  let minutes = 0;
  const load = () => 60 + 50 * Math.sin((minutes / 1440) * 2 * Math.PI);
  /** Of a counter scraped every 15 s: its increase in 285 of 300 seconds. */
  const rate = () => Math.round(load() * (0.9 + 0.2 * random())) / 285;
  const kinds: Readonly<Record<string, () => number>> = {
    rate_of_requests: rate,
    sum_of_rates: () => rate() + rate() + rate() + rate(),
    ratio_of_errors: () => Math.floor(random() * 3) / 285 / (rate() + rate()),
  };
  return Array.from({ length: SERIES }, (_, i) => {
    const [metric, compute] = Object.entries(kinds)[i % 3] as [string, () => number];
    const next = () => {
      if (i === 0) minutes++;
      return compute();
    };
    return { labels: Labels.from({ __name__: metric, workload: `w${i}`, asserts_env: 'prod' }), next };
  });
}
