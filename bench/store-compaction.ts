import { encodeChunk } from '../lib/chunkenc/encode-chunk.ts';
import type { Chunk } from '../lib/chunkenc/sample-block.ts';
import { Matcher } from '../lib/model/matcher.ts';
import type { FloatColumn, Series } from '../lib/storage/interface.ts';
import type { CountingTable } from './counting-table.ts';
import { cpuMs, type DayOfSamples, dayOfSamples, START } from './day-of-samples.ts';
import { derivedColumns } from './derived-columns.ts';
import { gorillaBits } from './gorilla.ts';
import { scrapeTraffic, type TrafficSeries } from './scrape-traffic.ts';

/** Long windows: what the log looks like makes no difference to chunks, and ten thousand series are many samples. */
const WINDOW_MS = 30 * 60_000;
const HOUR_MS = 3600_000;

/** Bytes of a day after compaction, and what a query of one metric reads of it. */
export async function measureDay(series: number, hours: number) {
  const pods = Math.ceil(series / 36);
  const traffic = scrapeTraffic({ services: 9, podsPerService: Math.ceil(pods / 9), routes: 1, seed: 2 }).slice(
    0,
    series,
  );
  const day = await dayOfSamples({ traffic, hours, windowMs: WINDOW_MS });
  const stored = storedBytes(day.table);
  return {
    series: traffic.length,
    hours,
    samples: day.samples,
    ...perSample(stored, day.samples),
    labelsBytesPerSeries: round(stored.labels / traffic.length),
    writeUnitsPer1000: round((day.compacted.writeUnits / day.samples) * 1000),
    compactionNsPerSample: Math.round((day.compactSeconds / day.samples) * 1e9),
    query: await measureQuery(day, traffic, hours),
  };
}

interface StoredBytes {
  readonly samples: number;
  readonly labels: number;
  readonly index: number;
}

/** What a table holds: chunks, labels, and whatever else is needed to find them (manifests, lists, progress). */
export function storedBytes(table: CountingTable): StoredBytes {
  const [samples, labels] = ['/chunks/', '/labels/'].map((part) => table.stored((pk) => pk.includes(part)).bytes);
  const all = table.stored(() => true).bytes;
  return { samples: samples ?? 0, labels: labels ?? 0, index: all - (samples ?? 0) - (labels ?? 0) };
}

/** Bytes of a stored sample, all of them and those of its labels and of the index. */
export function perSample(stored: StoredBytes, count: number) {
  return {
    bytesPerSample: round((stored.samples + stored.labels + stored.index) / count),
    ofLabels: round(stored.labels / count),
    ofIndex: round(stored.index / count),
  };
}

/** All series of the first metric that has a hundred, or as many as there are, over all hours, by a cold reader. */
export async function measureQuery(
  { storage, table }: Pick<DayOfSamples, 'storage' | 'table'>,
  traffic: readonly TrafficSeries[],
  hours: number,
  pods = 100,
) {
  const names = [...new Set(traffic.map(({ labels }) => labels.get('pod')))].slice(0, pods);
  const matchers = [
    new Matcher('=', '__name__', 'asserts:resource:cpu_seconds_total'),
    new Matcher('=~', 'pod', names.join('|')),
  ];
  table.takeUsage();
  const begun = performance.now();
  const found = await storage.querier('bench').select({ mint: START, maxt: START + hours * HOUR_MS - 1 }, ...matchers);
  const milliseconds = Math.round(performance.now() - begun);
  const { requests, bytesRead, readUnits } = table.takeUsage();
  const samples = found.reduce((sum, { floats }) => sum + floats.timestamps.length, 0);
  return {
    series: found.length,
    samples,
    requests,
    bytesRead,
    // Against the bytes that exactly these samples take in chunks of their own.
    timesItsSamples: round(bytesRead / ownBytes(found)),
    readUnits,
    milliseconds,
  };
}

function ownBytes(series: readonly Series[]): number {
  let bytes = 0;
  const last = Math.max(...series.map(({ floats }) => floats.timestamps.at(-1) ?? 0));
  for (let bucket = START; bucket <= last; bucket += 2 * HOUR_MS) {
    const columns = series.map(({ floats: { timestamps, values } }) => {
      const [begin, end] = [
        timestamps.findIndex((t) => t >= bucket),
        timestamps.findIndex((t) => t >= bucket + 2 * HOUR_MS),
      ];
      const to = end < 0 ? timestamps.length : end;
      return { timestamps: timestamps.subarray(begin, to), values: values.subarray(begin, to) };
    });
    bytes += encodeChunk(chunkOf(columns)).length;
  }
  return bytes;
}

function chunkOf(columns: readonly Pick<FloatColumn, 'timestamps' | 'values'>[]): Chunk {
  const offsets = new Uint32Array(columns.length + 1);
  for (const [i, { timestamps }] of columns.entries()) offsets[i + 1] = (offsets[i] as number) + timestamps.length;
  const join = (key: 'timestamps' | 'values') => Float64Array.from(columns.flatMap((column) => [...column[key]]));
  const idsLow = Uint32Array.from(columns, (_, i) => i);
  return {
    groups: [{ metric: 'm', idsHigh: new Uint32Array(columns.length), idsLow }],
    offsets,
    timestamps: join('timestamps'),
    values: join('values'),
  };
}

/** Two hours of a hundred series of each kind, packed in two ways: bytes and nanoseconds of a sample. */
export async function measureLayouts() {
  const traffic = scrapeTraffic({ services: 9, podsPerService: 12, routes: 1, seed: 5 });
  const scraped = (kind: string, names: RegExp): [string, Float64Array[]] => {
    const series = traffic.filter(({ labels }) => names.test(labels.metricName)).slice(0, 100);
    return [kind, series.map(({ next }) => Float64Array.from({ length: SCRAPES }, next))];
  };
  const kinds = [
    scraped('counters', /_bucket$/),
    scraped('gauges', /memory|files|threads|length/),
    ...(await derivedColumns(traffic, 2)).map(([kind, series]): [string, Float64Array[]] => [
      kind,
      series.map(({ values }) => values),
    ]),
  ];
  return kinds.map(([kind, columns]) => measureLayout(kind, columns));
}

const SCRAPES = 480;
/** Of which the fastest counts: the compiler has seen it then, and nothing else was in the way. */
const ENCODINGS = 9;

function measureLayout(kind: string, values: readonly Float64Array[]) {
  const step = (2 * HOUR_MS) / (values[0]?.length ?? 1);
  const timestamps = Float64Array.from(values[0] ?? [], (_, i) => START + i * step);
  const count = values.reduce((sum, { length }) => sum + length, 0);
  const gorilla = values.reduce((sum, column) => sum + gorillaBits(timestamps, column), 0) / 8;
  const chunkOfKind = chunkOf(
    values.map((column) => ({ timestamps: timestamps.subarray(0, column.length), values: column })),
  );
  const chunk = encodeChunk(chunkOfKind);
  const times = Array.from({ length: ENCODINGS }, () => {
    const begun = cpuMs();
    encodeChunk(chunkOfKind);
    return cpuMs() - begun;
  });
  const nanoseconds = Math.round((Math.min(...times) * 1e6) / count);
  return {
    kind,
    series: values.length,
    gorillaBytesPerSample: round(gorilla / count),
    chunkBytesPerSample: round(chunk.length / count),
    nanoseconds,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
