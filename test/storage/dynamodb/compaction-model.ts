import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import type { Histogram } from '../../../lib/model/histogram.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { DynamoCompactable } from '../../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../../../lib/storage/dynamodb/dynamo-storage.ts';
import {
  type Appendable,
  type Queryable,
  RETENTION_CLASSES,
  type Retention,
  type RetentionClass,
  type Series,
} from '../../../lib/storage/interface.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { STALE_HISTOGRAM } from '../../model/arbitrary-histogram.ts';
import { type Actor, interleave } from './interleaving.ts';

const HOUR = 3600_000;
const START = Date.UTC(2025, 10, 22, 9, 0, 0);
const RETENTION: Retention = { normalised: { days: 1 }, derived: { days: 9 } };
const NAMES = ['a', 'b', 'c'];
const ALL = { mint: 0, maxt: Number.MAX_SAFE_INTEGER };

/**
 * A sample by numbers: which series, how long before now (in some unit that spreads them over buckets), its value. Odd
 * values stand for histograms, so a series has both, and both at one time.
 */
type SampleSpec = readonly [series: number, age: number, value: number];

/** What happens at the same time; then the clock moves on. */
export interface Act {
  readonly appends: readonly { readonly of: RetentionClass; readonly samples: readonly SampleSpec[] }[];
  /** For each: the request at which it dies, or -1. */
  readonly compactors: readonly number[];
  readonly reads: boolean;
  readonly seed: number;
  /** Milliseconds; passes at some moment during the act. */
  readonly advance: number;
}

const sampleSpec = fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 40 }), fc.integer({ min: -2, max: 3 }));
const append = fc.record({
  of: fc.constantFrom(...RETENTION_CLASSES),
  samples: fc.array(sampleSpec, { minLength: 1, maxLength: 6 }),
});
const act: fc.Arbitrary<Act> = fc.record({
  appends: fc.array(append, { maxLength: 2 }),
  compactors: fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant(-1) }, fc.nat({ max: 60 })), { maxLength: 3 }),
  reads: fc.boolean(),
  seed: fc.nat(),
  advance: fc.constantFrom(0, 60_000, HOUR / 3, HOUR, 2 * HOUR, 3 * HOUR, 13 * HOUR),
});
export const schedule: fc.Arbitrary<readonly Act[]> = fc.array(act, { minLength: 1, maxLength: 6 });

export interface ModelOptions {
  readonly client: DynamoDBClient;
  readonly tableName?: string;
  readonly tenant: string;
  readonly shards?: number;
  /** Small, so that a handful of samples is many slices. */
  readonly sliceSamples?: number;
  /** Whether derived series are downsampled too, which no answer of samples may tell. */
  readonly downsamples?: boolean;
}

const DOWNSAMPLING: Retention = {
  ...RETENTION,
  derived: { days: 9, downsampled: { '5m': { days: 9 }, '1h': { days: 20 } } },
};

/**
 * Plays a schedule against a store on a table and against the store in memory, and throws where they differ: after each
 * act exactly; a read within an act must give, of each sample, what was there before the act or what is there after it.
 */
export async function playSchedule(acts: readonly Act[], options: ModelOptions): Promise<void> {
  let now = START;
  const settings = {
    tableName: 'tributary',
    retention: options.downsamples ? DOWNSAMPLING : RETENTION,
    now: () => now,
    sleep: async () => {},
    shards: 1,
    ...options,
  };
  const model = new MemoryStorage({ retention: RETENTION, now: () => now });
  let runs = 0;
  const open = (client: DynamoDBClient) => new DynamoStorage({ ...settings, client });
  const warm = open(options.client);
  for (const { appends, compactors, reads, seed, advance } of acts) {
    const base = now;
    let read: Read | undefined;
    const actors: Actor[] = [
      ...appends.map(({ of, samples }) => ({
        diesAt: -1,
        run: (client: DynamoDBClient) => write(open(client), options.tenant, of, samples, base),
      })),
      ...compactors.map((diesAt, i) => ({
        diesAt,
        run: (client: DynamoDBClient) =>
          compactAll({ ...settings, client, newRun: () => `run${runs++}` }, RETENTION_CLASSES[i % 2]),
      })),
      ...(reads
        ? [
            {
              diesAt: -1,
              run: async (client: DynamoDBClient) => {
                const begun = now;
                const seen = await answer(open(client), options.tenant, base);
                read = { seen, begun, ended: now };
              },
            },
          ]
        : []),
    ];
    let steps = 0;
    const results = await interleave(options.client, actors, seed, () => {
      if (++steps === 1 + (seed % 61)) now = base + advance;
    });
    now = base + advance;
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected' && (actors[i] as Actor).diesAt < 0) throw result.reason;
    }
    const modelAt = (moment: number) => {
      now = moment;
      return answer(model, options.tenant, base).finally(() => (now = base + advance));
    };
    const bounds = read && { before: await modelAt(read.begun), remaining: await modelAt(read.ended) };
    for (const { of, samples } of appends) await write(model, options.tenant, of, samples, base);
    const expected = await answer(model, options.tenant, now);
    if (read !== undefined && bounds !== undefined) {
      const written = appends.flatMap(({ samples }) => samples.map((sample) => pointOf(sample, base)));
      checkBetween(read.seen, { ...bounds, after: await modelAt(read.begun), written });
    }
    checkEqual(await answer(open(options.client), options.tenant, now), expected);
    checkEqual(await answer(warm, options.tenant, now), expected);
  }
}

async function compactAll(
  settings: ConstructorParameters<typeof DynamoCompactable>[0] & { readonly tenant: string },
  first: RetentionClass = 'derived',
): Promise<void> {
  const store = new DynamoCompactable({ ...settings, keepReplacedMs: 1000 });
  for (const of of [first, ...RETENTION_CLASSES]) {
    const compactor = store.compactor(settings.tenant, of);
    for (let i = 0; i < 40; i++) {
      const { kind } = await compactor.step();
      if (kind === 'idle') break;
    }
  }
}

async function write(
  store: Appendable,
  tenant: string,
  of: RetentionClass,
  samples: readonly SampleSpec[],
  now: number,
): Promise<void> {
  const appender = store.appender(tenant, of);
  for (const sample of samples) {
    const { labels, timestamp, value } = sampleOf(sample, now);
    if (isHistogram(sample)) appender.appendHistogram(labels, histogramOf(timestamp, value - HISTOGRAMS_FROM));
    else appender.append(labels, { timestamp, value });
  }
  await appender.commit();
}

function sampleOf([series, age, value]: SampleSpec, now: number) {
  const labels = Labels.from({ __name__: NAMES[series % NAMES.length] as string, pod: String(series) });
  // Half of the samples are minutes old, the others up to two days.
  const timestamp = now - (age < 20 ? age * 60_000 : (age - 20) * 2.5 * HOUR);
  return { labels, timestamp, value: value % 2 === 0 ? value / 4 : HISTOGRAMS_FROM + value + 2 };
}

function isHistogram([, , value]: SampleSpec): boolean {
  return value % 2 !== 0;
}

/** Histograms as numbers: above all floats, which they outrank, and by their counts, the larger of which is preferred. */
const HISTOGRAMS_FROM = 1000;

function histogramOf(timestamp: number, count: number): Histogram {
  return {
    ...STALE_HISTOGRAM,
    timestamp,
    sum: count / 2,
    count,
    positiveSpans: [{ offset: count, length: 1 }],
    positiveDeltas: [count],
  };
}

function pointOf(sample: SampleSpec, now: number): [string, number] {
  const { labels, timestamp, value } = sampleOf(sample, now);
  return [`${labels} ${timestamp}`, value];
}

/** What a read within an act saw, and what the clock showed when it began and ended. */
interface Read {
  readonly seen: Answer;
  readonly begun: number;
  readonly ended: number;
}

/** Values by series and timestamp. */
type Answer = ReadonlyMap<string, number>;

async function answer(store: Queryable, tenant: string, now: number): Promise<Answer> {
  const found = await store.querier(tenant).select({ ...ALL, maxt: now });
  return new Map(found.flatMap(points));
}

function points({ labels, floats, histograms }: Series): [string, number][] {
  const found: [time: number, value: number][] = [
    ...[...floats.timestamps].map((time, i): [number, number] => [time, floats.values[i] as number]),
    ...(histograms?.histograms ?? []).map(({ timestamp, count }): [number, number] => [
      timestamp,
      HISTOGRAMS_FROM + count,
    ]),
  ];
  if (new Set(found.map(([time]) => time)).size < found.length) throw new Error(`${labels} has a timestamp twice`);
  return found.map(([time, value]) => [`${labels} ${time}`, value]);
}

function checkEqual(found: Answer, expected: Answer): void {
  for (const [point, value] of expected) {
    if (found.get(point) !== value) throw new Error(`${point} is ${found.get(point)} instead of ${value}`);
  }
  for (const point of found.keys()) if (!expected.has(point)) throw new Error(`${point} should not be there`);
}

interface Bounds {
  /** What was there before the act, and had not expired when the read began. */
  readonly before: Answer;
  /** The same, of what had not expired when it ended either. */
  readonly remaining: Answer;
  /** What is there after the act, as of when the read began. */
  readonly after: Answer;
  readonly written: readonly (readonly [string, number])[];
}

/**
 * The clock may move on during a read: of what expires meanwhile it may find anything or nothing. All else that was there
 * before the act must be seen, nothing may be seen that had expired when it began, and every value must be one that was
 * written. Where a value outranked that of another class, which is kept for longer, the latter is what remains.
 */
function checkBetween(seen: Answer, { before, remaining, after, written }: Bounds): void {
  for (const [point, value] of seen) {
    const isWritten = written.some(([other, otherValue]) => other === point && otherValue === value);
    if (before.get(point) !== value && remaining.get(point) !== value && !isWritten) {
      throw new Error(`${point} was seen as ${value}`);
    }
    if (!after.has(point)) throw new Error(`${point} was seen although it had expired`);
    if (value < (remaining.get(point) ?? value)) throw new Error(`${point} fell back to ${value}`);
  }
  for (const point of remaining.keys()) if (!seen.has(point)) throw new Error(`${point} was not seen`);
}
