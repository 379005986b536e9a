import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonWriter } from '../../../lib/api/json/json-writer.ts';
import { writeQueryData } from '../../../lib/api/json/write-query-data.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { EXPERIMENTAL } from '../ask.ts';
import { histogramDataset, isSample, POINTS, START, sliceOf } from './histogram-dataset.ts';
import { histogramQueries } from './histogram-queries.ts';
import { parseValue } from './parse-value.ts';
import { type ApiResponse, findPrometheus, PrometheusServer } from './prometheus-server.ts';

/** `PROMETHEUS3_BIN=/path/to/prometheus npx vitest run test/promql/differential`: native histograms as of version 3. */
const BINARY = process.env.PROMETHEUS3_BIN ?? 'prometheus';
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_251_122);
const END = START + POINTS * 15_000;
const RANGE = { start: START + 5 * 60_000 + 7, end: END - 60_000, step: 75_000 };
const RELATIVE = 1e-9;

const found = findPrometheus(BINARY);
const isModern = found !== undefined && Number(found.version.split('.')[0]) >= 3;

describe(`native histograms against a real Prometheus, ${BINARY}`, () => {
  if (!isModern) {
    const what = found === undefined ? 'it cannot be run' : `it is ${found.version}`;
    console.warn(`skipped: queries of native histograms are compared with Prometheus 3; ${what} (set PROMETHEUS3_BIN)`);
    it.skip(`needs Prometheus 3 or later, and ${what}`, () => {});
    return;
  }
  let server: PrometheusServer;
  const storage = new MemoryStorage();
  const engine = new Engine({ features: EXPERIMENTAL });

  beforeAll(async () => {
    server = await PrometheusServer.start(BINARY, [
      '--enable-feature=native-histograms,promql-experimental-functions',
      '--storage.tsdb.retention.time=10y',
    ]);
    const dataset = histogramDataset(SEED);
    for (let begin = START; begin < END; begin += 5 * 60_000) {
      await server.send(sliceOf(dataset, begin, begin + 5 * 60_000));
    }
    const appender = storage.appender('t', 'derived');
    for (const { labels, points } of dataset) {
      for (const point of points) {
        if (isSample(point)) appender.append(labels, point);
        else appender.appendHistogram(labels, point);
      }
    }
    await appender.commit();
    await sleep(100);
  }, 60_000);
  afterAll(() => server?.stop());

  it(`answers queries over every function as Prometheus ${found.version} does`, async () => {
    const mismatches: string[] = [];
    let [compared, filled, refused, excused] = [0, 0, 0, 0];
    for (const query of histogramQueries()) {
      for (const time of [undefined, START + 15 * 60_000 + 7, START + 26 * 60_000 + 7]) {
        const theirs = await askTheirs(server, query, time);
        const ours = await askOurs(engine, storage, query, time);
        compared++;
        if (theirs.status === 'error') refused++;
        else if ((theirs.data as { result: readonly unknown[] }).result.length > 0) filled++;
        const difference = differenceOf(theirs, ours);
        if (difference === undefined) continue;
        if (isKnown(found.version, query)) excused++;
        else mismatches.push(`${query} (${time ?? 'range'}): ${difference}`);
      }
    }
    expect(mismatches.join('\n')).toBe('');
    expect(filled).toBeGreaterThan(compared * 0.6);
    console.info(
      `Prometheus ${found.version}: ${compared} queries of native histograms, ${filled} with points, ` +
        `${refused} refused by both, ${excused} excused by known differences`,
    );
  }, 300_000);
});

/** What versions up to this one did otherwise, each for one query that shows it. */
const KNOWN: readonly { readonly until: readonly [number, number]; readonly query: string; readonly reason: string }[] =
  [
    {
      until: [3, 5],
      query: 'rate(h[4m:30s])',
      reason: 'a counter that had just begun was extended beyond its zero, which floats never were',
    },
  ];

function isKnown(version: string, query: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return KNOWN.some(
    ({ until, query: known }) => known === query && (major < until[0] || (major === until[0] && minor <= until[1])),
  );
}

function askTheirs(server: PrometheusServer, query: string, time: number | undefined): Promise<ApiResponse> {
  if (time !== undefined) return server.api('query', { query, time: String(time / 1000) });
  const seconds = (ms: number) => String(ms / 1000);
  const { start, end, step } = RANGE;
  return server.api('query_range', { query, start: seconds(start), end: seconds(end), step: seconds(step) });
}

/** Our answer as our API writes it, read back. */
async function askOurs(
  engine: Engine,
  storage: MemoryStorage,
  query: string,
  time: number | undefined,
): Promise<Pick<ApiResponse, 'status' | 'data' | 'error'>> {
  try {
    const querier = storage.querier('t');
    const { data } =
      time === undefined
        ? await engine.rangeQuery(querier, query, RANGE)
        : await engine.instantQuery(querier, query, time);
    const out = new JsonWriter();
    writeQueryData(out, data);
    return { status: 'success', data: JSON.parse(String(out.toBuffer())) };
  } catch (error) {
    return { status: 'error', error: (error as Error).message };
  }
}

type Series = { readonly metric: Readonly<Record<string, string>> } & Readonly<Record<string, unknown>>;

function differenceOf(
  theirs: Pick<ApiResponse, 'status' | 'data' | 'error'>,
  ours: Pick<ApiResponse, 'status' | 'data' | 'error'>,
): string | undefined {
  if (theirs.status !== ours.status) {
    return `Prometheus: ${theirs.status} ${theirs.error ?? ''}, we: ${ours.status} ${ours.error ?? ''}`;
  }
  if (theirs.status === 'error') return undefined;
  const [a, b] = [bySeries(theirs.data?.result), bySeries(ours.data?.result)];
  const missing = [...a.keys()].find((key) => !b.has(key)) ?? [...b.keys()].find((key) => !a.has(key));
  if (missing !== undefined) return `only one has ${missing}; Prometheus ${a.size} series, we ${b.size}`;
  for (const [key, series] of a) {
    const difference = deepDifference(series, b.get(key), key);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function bySeries(result: unknown): Map<string, unknown> {
  const list = result as readonly unknown[];
  if (typeof list[0] !== 'object') return new Map([['scalar', list]]);
  return new Map((list as readonly Series[]).map((one) => [JSON.stringify(Object.entries(one.metric).sort()), one]));
}

/** Numbers, in whatever text, within 1e-9; everything else exactly. */
function deepDifference(theirs: unknown, ours: unknown, path: string): string | undefined {
  if (isNumeric(theirs) && isNumeric(ours)) {
    return isClose(parseValue(theirs), parseValue(ours)) ? undefined : `${path}: ${ours}, Prometheus says ${theirs}`;
  }
  if (typeof theirs !== 'object' || typeof ours !== 'object' || theirs === null || ours === null) {
    return theirs === ours ? undefined : `${path}: ${JSON.stringify(ours)}, Prometheus says ${JSON.stringify(theirs)}`;
  }
  const [a, b] = [Object.entries(theirs), Object.entries(ours)];
  if (a.length !== b.length) return `${path}: ${brief(ours)}, Prometheus says ${brief(theirs)}`;
  for (const [key, value] of a) {
    const difference = deepDifference(value, (ours as Record<string, unknown>)[key], `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isNumeric(value: unknown): value is string | number {
  return (
    typeof value === 'number' || (typeof value === 'string' && /^([+-]?[\d.]+(e[+-]?\d+)?|NaN|[+-]Inf)$/.test(value))
  );
}

/** Differences of large counts leave rounding noise where the exact answer is 0. */
function isClose(a: number, b: number): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Object.is(a, b);
  return Math.abs(a - b) <= Math.max(1e-9, RELATIVE * Math.max(Math.abs(a), Math.abs(b)));
}

function brief(value: unknown): string {
  return JSON.stringify(value).slice(0, 300);
}
