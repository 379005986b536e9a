import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { OTHER_CONTEXT, REQUEST_CONTEXT_LABEL } from '../../../lib/context/request-context.ts';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../../../lib/context/tenant.ts';
import type { Labels } from '../../../lib/model/labels.ts';
import { Firewall } from '../../../lib/pipeline/cardinality/firewall.ts';
import { type ContextualizeDependencies, contextualizeMessages } from '../../../lib/pipeline/contextualize.ts';
import { Elections } from '../../../lib/pipeline/elections.ts';
import { NO_ACCOUNT } from '../../../lib/pipeline/intake-account.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import type { MappingRule } from '../../../lib/plan/plan.ts';
import { encodeWriteRequest } from '../../../lib/prompb/encode-write-request.ts';
import type { TimeSeries } from '../../../lib/prompb/write-request.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import type { QueueMessage } from '../../../lib/queue/interface.ts';
import type { Appendable } from '../../../lib/storage/interface.ts';
import { MemoryLedger } from '../../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { compress } from '../../../lib/wire/snappy.ts';

/** Distinct paths of one service; a million with CARDINALITY_PATHS=1000000 and a heap of 8 GB, in a quarter of an hour. */
const PATHS = Number(process.env['CARDINALITY_PATHS'] ?? 60_000);
const TIMEOUT_MS = 120_000 + PATHS * 5;
const CONTEXTS = 100;
const T = 1_795_000_000_000;
const SCRAPE = 60_000;
const SERIES_A_MESSAGE = 5000;

describe(`${PATHS} distinct request paths of one service`, () => {
  it(
    'leave the budget of contexts in derived metrics, with exact sums',
    async () => {
      const storage = new MemoryStorage({ retention: { normalised: { days: 2 }, derived: { days: 2 } }, now: () => T });
      const { run } = setUp({ storage, maxMembers: 2 * PATHS });
      for (const time of [T - SCRAPE, T]) {
        for (let from = 0; from < PATHS; from += SERIES_A_MESSAGE) await run(messageOf(from, time));
      }
      const increase = await ask(storage, 'sum by (asserts_request_context) (increase(asserts:request:total[5m]))');
      expect(increase.size).toBe(CONTEXTS + 1);
      expect(increase.has(OTHER_CONTEXT)).toBe(true);
      // Each path counts its own number of requests, so that a missing or doubled one shows.
      const [one] = (await ask(storage, `increase(asserts:request:total{uri="${pathOf(7)}"}[5m])`)).values();
      const extrapolation = (one ?? 0) / growthOf(7);
      let expected = 0;
      for (let i = 0; i < PATHS; i++) expected += growthOf(i) * extrapolation;
      const total = [...increase.values()].reduce((sum, value) => sum + value, 0);
      expect(Math.abs(total / expected - 1)).toBeLessThan(1e-9);
    },
    TIMEOUT_MS,
  );

  it(
    'stop growing at the budget of members: everything beyond is refused and counted, at no further cost',
    async () => {
      const budget = PATHS / 4;
      const stored = new Set<string>();
      const { run, registers, ledger } = setUp({ storage: discarding(stored), maxMembers: budget });
      const half = PATHS / 2;
      for (let from = 0; from < half; from += SERIES_A_MESSAGE) await run(messageOf(from, T));
      const [before, members, calls] = [heap(), stored.size, registers.writes];
      for (let from = half; from < PATHS; from += SERIES_A_MESSAGE) await run(messageOf(from, T));
      expect(Math.abs(members - budget)).toBeLessThan(budget * 0.05);
      // Some strangers in a thousand are taken for members.
      expect(stored.size - members).toBeLessThan(half * 0.002);
      expect(registers.writes).toBe(calls);
      expect(heap() - before).toBeLessThan(16 * 1024 * 1024);
      const [source] = await ledger.totals('acme', 0, 2 * T);
      expect(source?.tally).toMatchObject({ contextualized: stored.size });
      expect(source?.tally.dropped).toEqual({ over_member_budget: PATHS - stored.size });
      expect(source?.examples[0]).toMatchObject({
        reason: 'over_member_budget',
        detail: expect.stringContaining('raise limits.max_members_per_metric'),
      });
      // Who is in stays in, also for a worker that starts anew.
      const again = new Set<string>();
      const restarted = setUp({ storage: discarding(again), maxMembers: budget, registers });
      for (let from = 0; from < PATHS; from += SERIES_A_MESSAGE) await restarted.run(messageOf(from, T + SCRAPE));
      expect([...stored].filter((key) => !again.has(key))).toEqual([]);
      expect(contextsOf(again).size).toBe(CONTEXTS + 1);
      expect(contextsOf(again)).toEqual(contextsOf(stored));
    },
    TIMEOUT_MS,
  );
});

/** Letters only: digits would be folded into `{}` before any budget is asked. */
function pathOf(i: number): string {
  return `/${i.toString(26).replace(/[0-9]/g, (digit) => 'qrstuvwxyz'.charAt(Number(digit)))}`;
}

function growthOf(i: number): number {
  return 1 + (i % 97);
}

let messages = 0;

function messageOf(from: number, timestamp: number): QueueMessage {
  const timeseries = Array.from({ length: Math.min(SERIES_A_MESSAGE, PATHS - from) }, (_, offset): TimeSeries => {
    const i = from + offset;
    const labels = { __name__: 'http_total', env: 'prod', instance: 'a:1', job: 'shop', uri: pathOf(i) };
    const value = timestamp >= T ? 1000 + growthOf(i) : 1000;
    return {
      labels: Object.entries(labels).map(([name, text]) => ({ name, value: text })),
      samples: [{ timestamp, value }],
      histograms: [],
      exemplars: [],
    };
  });
  const body = compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request'));
  const id = `m${messages++}`;
  return { envelope: { id, tenant: 'acme', source: 'main', plan: 'p', receivedAt: T, account: NO_ACCOUNT }, body };
}

interface SetUp {
  readonly storage: Appendable;
  readonly maxMembers: number;
  readonly registers?: CountedRegisters;
}

function setUp({ storage, maxMembers, registers = new CountedRegisters() }: SetUp) {
  const ledger = new MemoryLedger();
  const dependencies: ContextualizeDependencies = {
    contextualizer: new Contextualizer({ relabelConfigs: [], mappings: [RULE] }, { maxEntries: 5000 }),
    tenants: [{ ...TENANT, cardinality: { maxRequestContextsPerService: CONTEXTS, maxMembersPerMetric: maxMembers } }],
    storage,
    ledger,
    elections: new Elections(registers),
    firewall: new Firewall({ registers, generationMs: 2 * 86_400_000, now: () => T }),
  };
  const run = async (message: QueueMessage) => {
    const [failure] = await contextualizeMessages([message], dependencies);
    if (failure !== undefined) throw failure.error;
  };
  return { run, ledger, registers };
}

const RULE: MappingRule = {
  record: 'asserts:request:total',
  expr: 'label_replace(http_total, "asserts_request_context", "$1", "uri", "(.+)")',
  matchers: [{ type: '=', name: '__name__', value: 'http_total' }],
  steps: [
    {
      kind: 'label_replace',
      targetLabel: REQUEST_CONTEXT_LABEL,
      replacement: '$1',
      sourceLabel: 'uri',
      regex: '(.+)',
    },
  ],
  labels: { asserts_source: 'test', asserts_request_type: 'inbound' },
  origin: { pack: 'test', file: 'rules.yml', line: 1, group: 'g' },
};

const TENANT: Tenant = {
  name: 'acme',
  tokens: [],
  sources: [{ name: 'main', type: 'remote_write', tokens: ['t'], scope: DEFAULT_SCOPE }],
  limits: DEFAULT_INTAKE_LIMITS,
};

class CountedRegisters extends MemoryRegisters {
  writes = 0;

  override replace(...args: Parameters<MemoryRegisters['replace']>) {
    this.writes++;
    return super.replace(...args);
  }
}

/** Keeps nothing but which series there were, as path and context. */
function discarding(stored: Set<string>): Appendable {
  const append = (labels: Labels) => void stored.add(`${labels.get('uri')} ${labels.get(REQUEST_CONTEXT_LABEL)}`);
  const commit = async () => ({ samples: 0, newSeries: 0, items: 0, bytes: 0, writeUnits: 0 });
  return { appender: () => ({ append, appendHistogram: append, appendMetadata: () => {}, commit }) };
}

function contextsOf(stored: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...stored].map((key) => key.slice(key.indexOf(' ') + 1)));
}

async function ask(storage: MemoryStorage, query: string): Promise<Map<string, number>> {
  const engine = new Engine({ maxSamples: 50_000_000, timeout: 600_000 });
  const { data } = await engine.instantQuery(storage.querier('acme'), query, T);
  if (data.kind !== 'vector') throw new Error(`${query} gives a ${data.kind}`);
  return new Map(data.samples.map(({ labels, value }) => [labels.get(REQUEST_CONTEXT_LABEL), value as number]));
}

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use after a collection. */
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
