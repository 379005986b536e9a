import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { Labels } from '../../../../lib/model/labels.ts';
import { STALE_NAN } from '../../../../lib/model/stale-marker.ts';
import { Engine } from '../../../../lib/promql/engine.ts';
import type { QueryResult } from '../../../../lib/promql/result.ts';
import { DynamoCompactable } from '../../../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../../../../lib/storage/dynamodb/dynamo-storage.ts';
import type { Appendable, Queryable, Retention } from '../../../../lib/storage/interface.ts';
import { MemoryStorage } from '../../../../lib/storage/memory/memory-storage.ts';
import { STALE_HISTOGRAM } from '../../../model/arbitrary-histogram.ts';
import { interleave } from '../interleaving.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A midnight two days before the end of a span of manifests. */
export const START = Math.floor(Date.UTC(2025, 10, 22) / (32 * DAY)) * 32 * DAY + 30 * DAY;
export const RETENTION: Retention = {
  normalised: { days: 2 },
  derived: { days: 5, downsampled: { '5m': { days: 8 }, '1h': { days: 20 } } },
};

/** Of three days; `phase` tells when it is written, at the earliest when it happens. */
interface SampleSpec {
  readonly series: number;
  /** Windows of five minutes since the start. */
  readonly window: number;
  /** Where in the window, ms; 0 is the end of the one before. */
  readonly place: number;
  readonly value: number;
  readonly phase: number;
}

interface Phase {
  /** For each compactor: the request at which it dies, or -1. */
  readonly compactors: readonly number[];
  readonly seed: number;
  /** Whether everything is compacted and downsampled before the next phase, and then compared. */
  readonly settles: boolean;
}

export interface Story {
  readonly samples: readonly SampleSpec[];
  readonly phases: readonly Phase[];
  readonly sliceSamples: number;
}

const PHASES = 11;
const PHASE_MS = 8 * HOUR;

const sample: fc.Arbitrary<SampleSpec> = fc.record({
  series: fc.nat({ max: 4 }),
  // Many in few windows, and some where days, buckets and hours meet.
  window: fc.oneof(
    fc.nat({ max: 863 }),
    fc.constantFrom(0, 287, 288, 289, 24, 300, 301, 575, 576),
    fc.integer({ min: 280, max: 300 }),
  ),
  place: fc.constantFrom(0, 1, MINUTE, 2 * MINUTE, 3 * MINUTE, 5 * MINUTE - 1),
  value: fc.oneof(
    fc.nat({ max: 20 }),
    fc.constantFrom(0.1, 1 / 3, 1e9, -4, Number.NaN, STALE_NAN),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
  ),
  phase: fc.nat({ max: PHASES - 1 }),
});

/** A sample a minute of one series, so that windows hold counters with resets. */
const burst: fc.Arbitrary<readonly SampleSpec[]> = fc
  .record({
    series: fc.nat({ max: 1 }),
    window: fc.constantFrom(100, 270, 284, 287, 300),
    values: fc.array(fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(0.1, 7.3, STALE_NAN)), {
      minLength: 5,
      maxLength: 30,
    }),
    phase: fc.nat({ max: PHASES - 1 }),
  })
  .map(({ values, ...rest }) => values.map((value, i) => ({ ...rest, value, place: i * MINUTE })));

const phase: fc.Arbitrary<Phase> = fc.record({
  compactors: fc.array(fc.oneof(fc.constant(-1), fc.nat({ max: 150 })), { maxLength: 3 }),
  seed: fc.nat(),
  settles: fc.boolean(),
});

export const story: fc.Arbitrary<Story> = fc.record({
  samples: fc
    .tuple(fc.array(sample, { minLength: 1, maxLength: 60 }), fc.array(burst, { maxLength: 3 }))
    .map(([samples, bursts]) => [...samples, ...bursts.flat()]),
  phases: fc.array(phase, { minLength: PHASES, maxLength: PHASES }),
  sliceSamples: fc.constantFrom(3, 20, 100_000),
});

/**
 * Plays a story against a store on a table that downsamples, and against one in memory that keeps everything. Whenever all has
 * settled, queries whose ranges are aligned to the windows must be answered alike, whatever is answered from windows by then;
 * at any other moment nothing may be counted twice, and nothing lost that was there before.
 */
export async function playStory(
  { samples, phases, sliceSamples }: Story,
  client: DynamoDBClient,
  { tenant, tableName }: { readonly tenant: string; readonly tableName: string } = {
    tenant: 't',
    tableName: 'tributary',
  },
): Promise<void> {
  const clock = { now: START };
  const world = newWorld(client, clock, { tenant, tableName, sliceSamples });
  let settled = await world.model.counts();
  for (const [i, { compactors, seed, settles }] of phases.entries()) {
    clock.now = Math.max(clock.now, START + i * PHASE_MS);
    const late = samples.filter((one) => one.phase === i);
    await world.write(late);
    const actors = compactors.map((diesAt) => ({ diesAt, run: (gated: DynamoDBClient) => world.compact(gated) }));
    const results = await interleave(client, actors, seed);
    for (const [k, result] of results.entries()) {
      if (result.status === 'rejected' && (compactors[k] as number) < 0) throw result.reason;
    }
    checkCounts(await world.store.counts(), settled, await world.model.counts());
    if (!settles && i < PHASES - 1) continue;
    await world.settle();
    settled = await world.model.counts();
    await world.compare(5 * MINUTE, START);
    await world.compare(HOUR, START);
  }
  clock.now = START + 7.5 * DAY;
  await world.settle();
  await world.compare(5 * MINUTE, START);
  await world.compare(HOUR, START);
  clock.now = START + 12 * DAY;
  await world.settle();
  await world.compare(HOUR, START);
}

/** Functions whose answers are those of samples, and how to spell them for ranges. */
const FUNCTIONS = [
  'min_over_time',
  'max_over_time',
  'sum_over_time',
  'count_over_time',
  'avg_over_time',
  'last_over_time',
  'first_over_time',
  'present_over_time',
  'increase',
  'rate',
  'delta',
  'resets',
];

interface Side {
  readonly query: (text: string, start: number, step: number, width: number) => Promise<QueryResult>;
  /** Samples by series. */
  readonly counts: () => Promise<ReadonlyMap<string, number>>;
}

function newWorld(
  client: DynamoDBClient,
  clock: { now: number },
  { tenant, ...table }: { readonly tenant: string; readonly tableName: string; readonly sliceSamples: number },
) {
  const now = () => clock.now;
  const settings = { ...table, retention: RETENTION, now, sleep: async () => {} };
  const memory = new MemoryStorage();
  const engine = new Engine({ now: () => 0, features: new Set(['promql-experimental-functions']) });
  const end = START + 3 * DAY + 2 * HOUR;
  let runs = 0;
  const sideOf = (open: () => Queryable): Side => {
    const query: Side['query'] = (text, start, step, width) =>
      engine.rangeQuery(open().querier(tenant), text, { start, end, step }, { maxSourceResolution: width });
    return {
      query,
      counts: async () => {
        const range = 4 * DAY;
        const at = { start: START - DAY + range, end: START - DAY + range, step: 1 };
        const options = { maxSourceResolution: HOUR };
        const text = `count_over_time({__name__=~".+"}[${range / HOUR}h])`;
        return toCounts(await engine.rangeQuery(open().querier(tenant), text, at, options));
      },
    };
  };
  const store = sideOf(() => new DynamoStorage({ ...settings, client }));
  const model = sideOf(() => memory);
  const compact = async (by: DynamoDBClient) => {
    const compactable = new DynamoCompactable({
      ...settings,
      client: by,
      keepReplacedMs: HOUR,
      newRun: () => `run${runs++}`,
    });
    const compactor = compactable.compactor(tenant, 'derived');
    let overtaken = 0;
    for (let i = 0; i < 400 && overtaken < 3; i++) {
      const { kind } = await compactor.step();
      if (kind === 'idle') return;
      if (kind === 'overtaken') overtaken++;
    }
  };
  return {
    store,
    model,
    compact,
    write: async (samples: readonly SampleSpec[]) => {
      await writeTo(new DynamoStorage({ ...settings, client }), tenant, samples, now());
      await writeTo(memory, tenant, samples, now());
    },
    settle: async () => {
      for (let i = 0; i < 3; i++) {
        clock.now += 2 * HOUR;
        await compact(client);
      }
    },
    compare: async (width: number, from: number) => {
      const range = `${(width * 3) / MINUTE}m`;
      const texts = ['x', 'h', `last_over_time(h[${range}])`, ...FUNCTIONS.map((name) => `${name}(x[${range}])`)];
      for (const text of texts) {
        const start = from + width * 3;
        const step = width * 2;
        const context = `${text} in windows of ${width / MINUTE}m at ${new Date(clock.now).toISOString()}`;
        const found = await store.query(text, start, step, width);
        checkEqual(found, await model.query(text, start, step, width), context);
        const isGone = clock.now - 5 * DAY > end;
        if (isGone && pointsOf(found).size > 0 && !found.infos.some((info) => info.includes('answered from windows'))) {
          throw new Error(`${context}: nobody was told of windows`);
        }
      }
    },
  };
}

async function writeTo(
  storage: Appendable,
  tenant: string,
  samples: readonly SampleSpec[],
  now: number,
): Promise<void> {
  const appender = storage.appender(tenant, 'derived');
  for (const { series, window, place, value } of samples) {
    const timestamp = Math.min(START + window * 5 * MINUTE + place, now);
    if (series === 4) {
      const count = Number.isFinite(value) ? Math.trunc(Math.abs(value)) : 7;
      const histogram = { ...STALE_HISTOGRAM, timestamp, sum: value, count, positiveSpans: [{ offset: 0, length: 1 }] };
      appender.appendHistogram(Labels.from({ __name__: 'h' }), { ...histogram, positiveDeltas: [count] });
    } else appender.append(Labels.from({ __name__: 'x', pod: String(series) }), { timestamp, value });
  }
  await appender.commit();
}

function toCounts({ data }: QueryResult): Map<string, number> {
  if (data.kind !== 'matrix') throw new Error(`BUG: a ${data.kind}`);
  return new Map(data.series.map(({ labels, values }) => [String(labels), values[0] as number]));
}

function checkCounts(
  found: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
  all: ReadonlyMap<string, number>,
): void {
  for (const [series, count] of found) {
    // Of native histograms, the last of each window counts.
    if (count > (all.get(series) ?? 0)) throw new Error(`${series} has ${count} samples instead of ${all.get(series)}`);
  }
  for (const [series, count] of before) {
    if (series !== '{}' && count > (found.get(series) ?? 0)) {
      throw new Error(`${series} has ${found.get(series)} samples, and had ${count}`);
    }
  }
}

function checkEqual(found: QueryResult, expected: QueryResult, context: string): void {
  const [left, right] = [pointsOf(found), pointsOf(expected)];
  for (const [point, value] of right) {
    if (!isClose(left.get(point), value))
      throw new Error(`${context}: ${point} is ${left.get(point)} instead of ${value}`);
  }
  for (const [point, value] of left)
    if (!right.has(point)) throw new Error(`${context}: ${point} is ${value} instead of nothing`);
}

function pointsOf({ data }: QueryResult): Map<string, number> {
  if (data.kind !== 'matrix') throw new Error(`BUG: a ${data.kind}`);
  return new Map(
    data.series.flatMap(({ labels, timestamps, values, histogramTimestamps, histograms }) => [
      ...Array.from(timestamps, (time, i): [string, number] => [pointAt(labels, time), values[i] as number]),
      ...histograms.map(({ count }, i): [string, number] => [pointAt(labels, histogramTimestamps[i] as number), count]),
    ]),
  );
}

function pointAt(labels: Labels, time: number): string {
  return `${labels} at ${new Date(time).toISOString()}`;
}

function isClose(found: number | undefined, expected: number): boolean {
  if (found === undefined) return false;
  if (Number.isNaN(expected)) return Number.isNaN(found);
  return Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
}
