import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sample } from '../../lib/model/sample.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { DynamoLedger } from '../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRegisters } from '../../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoRuleState } from '../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { parseValue } from '../promql/differential/parse-value.ts';
import { type ApiSeries, findPrometheus, PrometheusServer } from '../promql/differential/prometheus-server.ts';
import { onEveryEngine } from '../storage/dynamodb/on-every-engine.ts';
import type { DynaliteTable } from '../storage/dynamodb/start-dynalite.ts';
import { Deployment, PLAN, type Rates, rateKey, SOURCE, type Stores } from './counters/contextualized-rates.ts';
import { hostileDelivery } from './counters/hostile-delivery.ts';
import { ROUTES, SCRAPE_MS, type ScrapedSeries, scrape, WORLD_MS, worlds } from './counters/world.ts';

const RUNS = Number(process.env['COUNTER_RUNS'] ?? 30);
const TOLERANCE = 1e-9;
const MINUTE = 60_000;
const WINDOW = 5 * MINUTE;
const T = Date.UTC(2025, 0, 1);
const NOW = T + WORLD_MS;

const found = findPrometheus(process.env['PROMETHEUS_BIN'] ?? 'prometheus');
const title = 'are what Prometheus computes from the raw samples in their order';
if (found === undefined) console.warn(`SKIPPED: rates of hostile deliveries ${title}: no Prometheus (PROMETHEUS_BIN)`);

/** What the rules of the packs mean, asked of raw series by somebody who has them all. */
const MEANING: Readonly<Record<string, string>> = {
  'asserts:request:rate5m': 'sum by (http_route) (rate(COUNT[5m]))',
  'asserts:error:ratio':
    '(sum by (http_route) (rate(FAILED[5m])) or sum by (http_route) (rate(COUNT[5m])) * 0) / ' +
    '(sum by (http_route) (rate(COUNT[5m])) > 0)',
  'asserts:latency:average': 'sum by (http_route) (rate(SUM[5m])) / (sum by (http_route) (rate(COUNT[5m])) > 0)',
  'asserts:latency:p99': 'histogram_quantile(0.99, sum by (http_route, le) (rate(BUCKET[5m]))) >= 0',
};

function inMemory(): () => Stores {
  const stores = {
    storage: new MemoryStorage(),
    ledger: new MemoryLedger(),
    registers: new MemoryRegisters(),
    ruleState: new MemoryRuleState(),
  };
  return () => stores;
}

function inDynamo(table: () => DynaliteTable): () => Stores {
  const now = () => NOW;
  const retention = { normalised: { days: 2 }, derived: { days: 400 } };
  return () => ({
    storage: new DynamoStorage({ ...table(), now, retention }),
    ledger: new DynamoLedger({ ...table(), now }),
    registers: new DynamoRegisters({ ...table(), now }),
    ruleState: new DynamoRuleState({ ...table(), now }),
  });
}

describe.skipIf(found === undefined)(`rates of hostile deliveries${found === undefined ? ' (skipped)' : ''}`, () => {
  const { binary, version } = found ?? { binary: '', version: '' };
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await PrometheusServer.start(binary);
  }, 60_000);
  afterAll(() => server.stop());

  const compareRates = async (store: string, open: () => () => Stores, numRuns: number) => {
    const seen = { compared: 0, left: 0, deliveries: 0, worlds: 0 };
    const property = fc.asyncProperty(worlds, fc.nat(), async (world, seed) => {
      const run = `${store}-${seen.worlds++}`;
      const senders = world.replicas.map((_, i) => scrape(world, i, T, run));
      const deployment = new Deployment(run, NOW, open());
      const deliveries = hostileDelivery(senders, { seed, tenant: run, source: SOURCE, plan: PLAN.version });
      await deployment.process(deliveries);
      const ours = await deployment.evaluate(T);
      const reference = taken(senders, await deployment.leaders());
      await server.write(reference.map(columnsOf));
      const theirs = await askPrometheus(server, run);
      const unsure = version.startsWith('2.') ? takenBackToZero(reference) : new Set<string>();
      seen.deliveries += deliveries.length;
      compare(ours, theirs, unsure, seen);
    });
    await fc.assert(property, { numRuns, seed: 20_250_101 });
    console.info(
      `${store}: ${seen.worlds} worlds, ${seen.deliveries} deliveries, ${seen.compared} values equal those of Prometheus ` +
        `${version}, ${seen.left} left out because its version takes young counters back to zero`,
    );
    expect(seen.compared).toBeGreaterThan(numRuns * 10);
  };

  it(`${title}, stored in memory`, () => compareRates('memory', inMemory, RUNS), 600_000);

  onEveryEngine((engine, table) => {
    it(
      `${title}, stored in ${engine}`,
      () => compareRates(engine, () => inDynamo(table), Math.ceil(RUNS / 6)),
      600_000,
    );
  });
});

/** Every sample that some worker had to take, without the replica label, in its order. */
function taken(
  senders: readonly (readonly ScrapedSeries[])[],
  isTaken: (replica: string, timestamp: number) => boolean,
): ScrapedSeries[] {
  const merged = new Map<string, ScrapedSeries>();
  for (const { labels, samples } of senders.flat()) {
    const raw = labels.with({ __replica__: '' });
    const known = merged.get(raw.key) ?? { labels: raw, samples: [] };
    merged.set(raw.key, known);
    known.samples.push(...samples.filter(({ timestamp }) => isTaken(labels.get('__replica__'), timestamp)));
  }
  for (const { samples } of merged.values()) samples.sort((a, b) => a.timestamp - b.timestamp);
  return [...merged.values()].filter(({ samples }) => samples.length > 0);
}

function columnsOf({ labels, samples }: ScrapedSeries) {
  const values = new Float64Array(samples.length);
  samples.forEach(({ value }, i) => {
    values[i] = value;
  });
  return { labels, floats: { timestamps: Float64Array.from(samples, ({ timestamp }) => timestamp), values } };
}

async function askPrometheus(server: PrometheusServer, run: string): Promise<Rates> {
  const rates = new Map<string, number>();
  const raw = (suffix: string, more = '') => `http_server_request_duration_seconds_${suffix}{run="${run}"${more}}`;
  for (const [record, meaning] of Object.entries(MEANING)) {
    const query = meaning
      .replaceAll('COUNT', raw('count'))
      .replaceAll('FAILED', raw('count', ', http_response_status_code=~"5.."'))
      .replaceAll('SUM', raw('sum'))
      .replaceAll('BUCKET', raw('bucket'));
    const answer = await server.api('query_range', {
      query,
      start: String((T + MINUTE) / 1000),
      end: String(NOW / 1000),
      step: '60',
    });
    if (answer.status === 'error') throw new Error(`cannot ask Prometheus ${query}: ${answer.error}`);
    for (const { metric, values = [] } of (answer.data?.result ?? []) as readonly ApiSeries[]) {
      for (const [time, text] of values) {
        rates.set(rateKey(record, metric['http_route'] ?? '', Math.round(time * 1000)), parseValue(text));
      }
    }
  }
  return rates;
}

/**
 * Routes and times for which Prometheus 2 may extend a counter back to zero without regard to its interval: its first
 * sample in the window comes late.
 */
function takenBackToZero(series: readonly ScrapedSeries[]): Set<string> {
  const unsure = new Set<string>();
  for (const { labels, samples } of series) {
    for (let time = T + MINUTE; time <= NOW; time += MINUTE) {
      if (comesLate(samples, time - WINDOW, time)) unsure.add(`${labels.get('http_route')} ${time}`);
    }
  }
  return unsure;
}

function comesLate(samples: readonly Sample[], from: number, to: number): boolean {
  const own = samples.filter(({ timestamp, value }) => timestamp > from && timestamp <= to && !isStaleNaN(value));
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined || own.length < 2) return false;
  return first.timestamp - from >= Math.max(SCRAPE_MS, (last.timestamp - first.timestamp) / (own.length - 1));
}

function compare(
  ours: Rates,
  theirs: Rates,
  unsure: ReadonlySet<string>,
  seen: { compared: number; left: number },
): void {
  for (const record of Object.keys(MEANING)) {
    for (const route of ROUTES) {
      for (let time = T + MINUTE; time <= NOW; time += MINUTE) {
        const key = rateKey(record, route, time);
        const [mine, other] = [ours.get(key), theirs.get(key)];
        if (mine === undefined && other === undefined) continue;
        if (unsure.has(`${route} ${time}`)) {
          seen.left++;
          continue;
        }
        seen.compared++;
        const isEqual = mine !== undefined && other !== undefined && isClose(mine, other);
        if (!isEqual)
          throw new Error(`${record} of ${route} at ${(time - T) / MINUTE} min: ${mine}, Prometheus has ${other}`);
      }
    }
  }
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}
