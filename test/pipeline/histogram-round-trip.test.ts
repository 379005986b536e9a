import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newApi } from '../../lib/api/app.ts';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../../lib/context/tenant.ts';
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from '../../lib/model/histogram.ts';
import { Labels } from '../../lib/model/labels.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { FloatHistogram } from '../../lib/promql/float-histogram.ts';
import { toFloatHistogram } from '../../lib/promql/histogram/convert.ts';
import { histogramsEqual } from '../../lib/promql/histogram/equals.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { DynamoCompactable } from '../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { openPage } from '../../lib/textparse/open-page.ts';
import { dependenciesOf } from '../api/fixture.ts';
import { arbitraryHistogram } from '../model/arbitrary-histogram.ts';
import { planOf } from '../plan/fixture.ts';
import { labels, type OutgoingRequest, series, v1, v2 } from '../receiver/messages.ts';
import { sha256 } from '../receiver/test-tenants.ts';
import { tableDouble } from '../storage/dynamodb/table-double.ts';

const TRIPS = Number(process.env['HISTOGRAM_ROUND_TRIPS'] ?? 1000);
const SEED = Number(process.env['HISTOGRAM_SEED'] ?? 20_251_122);
const BATCH = 500;
const MINUTE = 60_000;
const T = Date.UTC(2025, 10, 22, 10, 30, 0);
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };
const PLAN = planOf('kept:latency = latency');

const TENANT: Tenant = {
  name: 'acme',
  tokens: [{ name: 'all', sha256: sha256('secret'), scopes: ['write', 'read', 'admin'] }],
  sources: [
    {
      name: 'main',
      type: 'remote_write',
      tokens: ['all'],
      scope: { ...DEFAULT_SCOPE, env: { labels: ['env'], default: 'dev' } },
    },
  ],
  limits: DEFAULT_INTAKE_LIMITS,
};

/** The whole river in one process: door, queue, worker, store, compaction, API. */
function newRiver() {
  let now = T + MINUTE;
  const { client, tableName } = tableDouble();
  const settings = { client, tableName, retention: RETENTION, now: () => now, sleep: async () => {} };
  const [queue, ledger, storage] = [new MemoryQueue(), new MemoryLedger(), new DynamoStorage(settings)];
  const contextualizer = new Contextualizer(PLAN);
  const registers = new MemoryRegisters();
  const elections = new Elections(registers);
  const firewall = new Firewall({ registers, generationMs: 2 * 86_400_000, now: () => now });
  const intake = {
    tenants: [TENANT],
    selects: newSelection(PLAN),
    planVersion: PLAN.version,
    memories: new SeriesMemories(),
    queue,
    now: () => now,
  };
  const api = newApi(
    dependenciesOf({
      tenants: [TENANT],
      storage,
      engine: new Engine(),
      anonymousTenant: 'acme',
      now: () => now,
      lookbackDelta: 24 * 60 * MINUTE,
      maxResponseBytes: 1e9,
    }),
  );
  let requests = 0;
  return {
    storage,
    totals: async () => (await ledger.totals('acme', 0, 1e13))[0]?.tally,
    send: async ({ headers, body }: OutgoingRequest) => {
      const request = {
        method: 'POST',
        headers: { ...headers, authorization: 'Bearer secret' },
        body,
        receivedAt: now,
        requestId: `request-${requests++}`,
      };
      const { status, body: text } = await receive(request, intake);
      const worker = { contextualizer, tenants: [TENANT], storage, ledger, elections, firewall };
      expect(await contextualizeMessages(queue.take(), worker)).toEqual([]);
      return { status, text };
    },
    compact: async () => {
      now = T + 5 * 60 * MINUTE;
      const compactor = new DynamoCompactable(settings).compactor('acme', 'normalised');
      let merged = 0;
      for (let i = 0; i < 100; i++) {
        const { kind, samplesWritten } = await compactor.step();
        if (kind === 'merged') merged += samplesWritten;
        if (kind === 'idle') break;
      }
      return merged;
    },
    federate: async () => {
      const response = await api.fetch(
        new Request('http://tributary/federate?match[]=kept:latency', { headers: { accept: PROTOBUF } }),
      );
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('application/vnd.google.protobuf');
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

const sample = fc.sample(arbitraryHistogram(fc.integer({ min: T - 30 * MINUTE, max: T })), {
  numRuns: TRIPS,
  seed: SEED,
});
const of = (n: number, histogram: Histogram): TimeSeries =>
  series(labels('__name__', 'latency', 'n', String(n)), { histograms: [histogram] });

describe(`${TRIPS} histograms of all kinds`, () => {
  it('come back bit by bit from wire to store, compaction, query and federation', async () => {
    const river = newRiver();
    for (let begin = 0; begin < sample.length; begin += BATCH) {
      const batch = sample.slice(begin, begin + BATCH).map((histogram, i) => of(begin + i, histogram));
      // Both protocols take turns.
      const request = (begin / BATCH) % 2 === 0 ? v2(...batch) : v1(batch);
      expect(await river.send(request)).toMatchObject({ status: 204 });
    }
    const kept = sample.map((histogram, n) => ({ histogram, n }));
    await checkStored(river.storage, kept);
    expect(await river.compact()).toBe(sample.length);
    await checkStored(river.storage, kept);
    await checkQueried(river.storage, kept);
    checkFederated(await river.federate(), kept);
    expect(await river.totals()).toMatchObject({ accepted: TRIPS, contextualized: TRIPS, stored: TRIPS, dropped: {} });
  }, 600_000);

  it('are refused with 400 and the reason, and counted, once they are made invalid', async () => {
    const river = newRiver();
    const refused: Record<string, number> = {};
    let broken = 0;
    for (const [n, histogram] of sample.slice(0, 200).entries()) {
      for (const invalid of breakages(histogram)) {
        const { status, text } = await river.send(v2(of(n, invalid)));
        const reason = /\(([a-z_]+)\);/.exec(text)?.[1] ?? text;
        expect([status, reason]).toEqual([400, 'invalid_histogram']);
        refused[reason] = (refused[reason] ?? 0) + 1;
        broken++;
      }
    }
    expect(broken).toBeGreaterThan(500);
    expect(await river.totals()).toMatchObject({ accepted: 0, stored: 0, refused });
    expect(await river.storage.querier('acme').select({ mint: 0, maxt: 1e13 })).toEqual([]);
  }, 600_000);
});

interface Trip {
  readonly histogram: Histogram;
  readonly n: number;
}

async function checkStored(storage: DynamoStorage, trips: readonly Trip[]): Promise<void> {
  const found = await storage.querier('acme').select({ mint: 0, maxt: 1e13 });
  expect(found).toHaveLength(trips.length);
  const byNumber = new Map(found.map((one) => [Number(one.labels.get('n')), one]));
  for (const { histogram, n } of trips) {
    const stored = byNumber.get(n);
    expect(stored?.floats.timestamps).toHaveLength(0);
    expect(stored?.histograms?.histograms.map(exact)).toEqual([exact(histogram)]);
    expect(stored?.labels.get('asserts_env')).toBe('dev');
  }
}

/** The stale marker spelled out, for `toEqual` takes all NaNs for one. */
function exact({ sum, ...rest }: Histogram): unknown {
  return { ...rest, sum: isStaleNaN(sum) ? 'stale' : sum };
}

async function checkQueried(storage: DynamoStorage, trips: readonly Trip[]): Promise<void> {
  const query = 'kept:latency[1h]';
  const { data } = await new Engine({ maxSamples: 5e7 }).instantQuery(storage.querier('acme'), query, T + 1);
  if (data.kind !== 'matrix') throw new Error(`${query} gives a ${data.kind}`);
  const found = new Map(data.series.map((one) => [Number(one.labels.get('n')), one.histograms]));
  for (const { histogram, n } of trips) {
    if (isStaleNaN(histogram.sum)) expect(found.has(n)).toBe(false);
    else expect(histogramsEqual(found.get(n)?.[0] as FloatHistogram, toFloatHistogram(histogram))).toBe(true);
  }
  const matcher = new Matcher('=', '__name__', 'kept:latency');
  expect(await storage.querier('acme').series({ mint: 0, maxt: 1e13 }, matcher)).toHaveLength(trips.length);
}

function checkFederated(page: Uint8Array, trips: readonly Trip[]): void {
  const parser = openPage(page, { syntax: 'protobuf', escaping: 'allow-utf-8' }, { normalizesBounds: false });
  const found = new Map<number, { histogram?: Histogram; timestamp?: number | undefined; count?: number }>();
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
    if (kind !== 'sample' && kind !== 'histogram') continue;
    const own = Labels.from(parser.series.labels);
    const entry = found.get(Number(own.get('n'))) ?? {};
    found.set(Number(own.get('n')), entry);
    entry.timestamp = parser.timestamp;
    if (kind === 'histogram') entry.histogram = parser.histogram;
    else if (own.metricName.endsWith('_count')) entry.count = parser.value;
  }
  for (const { histogram, n } of trips) {
    const entry = found.get(n);
    if (isStaleNaN(histogram.sum)) {
      expect(entry).toBeUndefined();
      continue;
    }
    expect(entry?.timestamp).toBe(histogram.timestamp);
    if (histogram.schema === CUSTOM_BUCKETS_SCHEMA) expect(entry?.count).toBe(histogram.count);
    else
      expect(histogramsEqual(toFloatHistogram(entry?.histogram as Histogram), toFloatHistogram(histogram))).toBe(true);
  }
}

/** The same histogram, wrong in one way after the other. */
function* breakages(histogram: Histogram): Generator<Histogram> {
  const { isFloat, positiveSpans, positiveCounts, positiveDeltas, schema, sum } = histogram;
  yield { ...histogram, schema: 53 };
  yield { ...histogram, positiveSpans: [...positiveSpans, { offset: 0, length: 1 }] };
  yield { ...histogram, negativeSpans: [...histogram.negativeSpans, { offset: 0, length: 2 }] };
  if (!isFloat && !Number.isNaN(sum)) yield { ...histogram, count: histogram.count + 1 };
  if (positiveSpans.length > 0) {
    yield isFloat
      ? { ...histogram, positiveCounts: [-1, ...positiveCounts.slice(1)] }
      : { ...histogram, positiveDeltas: [-1, ...positiveDeltas.slice(1)] };
  }
  if (positiveSpans.length > 1) {
    yield { ...histogram, positiveSpans: positiveSpans.map((span, i) => (i === 1 ? { ...span, offset: -1 } : span)) };
  }
  if (schema === CUSTOM_BUCKETS_SCHEMA) {
    yield { ...histogram, zeroCount: 1, count: histogram.count + 1 };
    yield { ...histogram, customValues: histogram.customValues.map(() => 1).concat(1) };
    yield { ...histogram, customValues: [...histogram.customValues, Number.POSITIVE_INFINITY] };
  } else yield { ...histogram, customValues: [1, 2] };
}
