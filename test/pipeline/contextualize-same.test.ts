import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_HIGH_AVAILABILITY,
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_SCOPE,
  type Source,
  type Tenant,
} from '../../lib/context/tenant.ts';
import type { Label } from '../../lib/model/labels.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { type ContextualizeDependencies, contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { formatIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import { ReceivedMemories, type ReceivedMemoriesOptions } from '../../lib/pipeline/received-memories.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import type { MappingRule } from '../../lib/plan/plan.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import type { QueueMessage } from '../../lib/queue/interface.ts';
import { newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { compress } from '../../lib/wire/snappy.ts';
import { STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';
import { nativeHistogram } from '../receiver/messages.ts';
import { contextualizePlainly } from './contextualize-plainly.ts';

const T = 1_795_000_000_000;

/** What the worker may remember, and the series that the contextualizer may: from everything to next to nothing. */
const STATES: readonly (readonly [string, ReceivedMemoriesOptions | undefined, number])[] = [
  ['nothing', undefined, 1000],
  ['everything', {}, 1000],
  ['everything, and contextualizes few', {}, 3],
  ['few series', { sourceBytes: 20_000, bytes: 40_000 }, 1000],
  ['few series, and forgets all the time', { sourceBytes: 20_000, bytes: 40_000, keepMs: 0 }, 1000],
  ['few series of one source at a time, and contextualizes few', { sourceBytes: 20_000, bytes: 1, keepMs: 0 }, 2],
  ['series of one hash', { hashMask: 0 }, 1000],
];

describe('contextualizeMessages', () => {
  it.each(STATES)(
    'stores, counts and refuses what it would plainly, when it remembers %s',
    async (_, memory, entries) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          const ours = setUp(entries, memory);
          const plain = setUp(entries);
          for (const { advance, batch } of steps) {
            const messages = batch.map(toMessage);
            for (const world of [ours, plain]) world.advance(advance);
            const failed = await contextualizeMessages(messages, ours.dependencies);
            const expected = await contextualizePlainly(messages, plain.dependencies);
            expect(failed.map(({ error }) => String(error))).toEqual(expected.map(({ error }) => String(error)));
          }
          expect(await ours.outcome()).toEqual(await plain.outcome());
        }),
        { numRuns: 40 },
      );
    },
  );
});

const offset = fc.constantFrom(0, 1000, 15_000, 60_000, 40 * 24 * 3600_000);
const value = fc.constantFrom(0, -0, 1, 2.5, 7, Number.NaN, STALE_NAN);
const samples = fc.array(
  fc.record({ timestamp: offset.map((of) => T + of), value }, { requiredKeys: ['timestamp', 'value'] }),
  { maxLength: 3 },
);
const histograms = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  fc.array(
    offset.map((of) => nativeHistogram({ timestamp: T + of })),
    { maxLength: 2 },
  ),
  fc.constant([{ ...STALE_HISTOGRAM, timestamp: T + 1000 }]),
);
/** Rules read `a` and `b`; both make one series of `x` and `y`; `scaled` has no histograms; requests have contexts. */
const name = fc.constantFrom('a', 'b', 'x', 'y', 'scaled', 'requests', 'unheard_of');
const ofLabels = fc
  .record({
    __name__: name,
    env: fc.constantFrom('prod', 'prod', 'prod', ''),
    pod: fc.constantFrom('p1', 'p2', 'p3', ''),
    path: fc.constantFrom('/1', '/2', '/3', '/4', ''),
    cluster: fc.constantFrom('eu', 'us', ''),
    __replica__: fc.constantFrom('r1', 'r2', ''),
  })
  .map((set): Label[] => Object.entries(set).map(([key, text]) => ({ name: key, value: text })));
const metadata = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.constant({ metadata: { type: 'counter', help: 'Help.', unit: '' } as const }),
);
const series: fc.Arbitrary<TimeSeries> = fc
  .tuple(ofLabels, samples, histograms, metadata, fc.boolean())
  .map(([labels, floats, native, rest, isReversed]) => {
    const sent = isReversed ? labels.toReversed() : labels;
    return { labels: sent, samples: floats, histograms: native, exemplars: [], ...rest };
  });

interface Sent {
  readonly tenant: string;
  readonly source: string;
  readonly timeseries: readonly TimeSeries[];
  readonly isCorrupt: boolean;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  tenant: fc.constantFrom('acme', 'other'),
  source: fc.constantFrom('main', 'pair', 'gone'),
  timeseries: fc.array(series, { maxLength: 8 }),
  isCorrupt: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

/** Time goes on between batches, so that judgements expire. */
const step = fc.record({
  advance: fc.constantFrom(0, 1000, 61_000, 6 * 60_000, 11 * 60_000),
  batch: fc.array(sent, { minLength: 1, maxLength: 3 }),
});

function toMessage({ tenant, source, timeseries, isCorrupt }: Sent, index: number): QueueMessage {
  const encoded = encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request');
  const account = formatIntakeAccount({ tally: { ...newTally(), accepted: 1 }, examples: [] });
  const envelope = { id: `m${index}${timeseries.length}`, tenant, source, plan: 'p', receivedAt: T, account };
  return { envelope, body: compress(isCorrupt ? encoded.subarray(0, -1) : encoded) };
}

function setUp(maxEntries: number, memory?: ReceivedMemoriesOptions) {
  let now = T;
  const clock = () => now;
  const storage = new MemoryStorage({ retention: { normalised: { days: 2 }, derived: { days: 2 } }, now: clock });
  const ledger = new MemoryLedger();
  const registers = new MemoryRegisters();
  const dependencies: ContextualizeDependencies = {
    contextualizer: new Contextualizer({ relabelConfigs: [], mappings: RULES }, { maxEntries }),
    tenants: ['acme', 'other'].map(tenantNamed),
    storage,
    ledger,
    elections: new Elections(registers, { sleep: async () => {}, random: () => 0 }),
    firewall: new Firewall({ registers, generationMs: 2 * 86_400_000, now: clock }),
    ...(memory !== undefined && { memories: new ReceivedMemories(memory) }),
  };
  return {
    dependencies,
    advance: (ms: number) => {
      now += ms;
    },
    outcome: async () => ({
      acme: await stored(storage, 'acme'),
      other: await stored(storage, 'other'),
      accounts: [await ledger.totals('acme', 0, 2 * T), await ledger.totals('other', 0, 2 * T)],
    }),
  };
}

async function stored(storage: MemoryStorage, tenant: string) {
  const querier = storage.querier(tenant);
  const found = await querier.select({ mint: 0, maxt: 2 * T }, new Matcher('=~', '__name__', '.+'));
  return {
    metadata: await querier.metadata(),
    series: found.map(({ labels, floats, histograms: native }) => ({
      labels: labels.toString(),
      timestamps: [...floats.timestamps],
      values: Array.from({ length: floats.values.length }, (_, i) => nameOf(floats.values[i] as number)),
      histograms: native?.histograms.map((one) => ({ ...one, sum: nameOf(one.sum) })),
    })),
  };
}

/** To `toEqual` all NaNs are one. */
function nameOf(number: number): number | string {
  return isStaleNaN(number) ? 'stale' : number;
}

const RULES: readonly MappingRule[] = [
  rule('out:a', ['a'], { steps: [] }),
  rule('out:ab', ['a', 'b'], { steps: [] }),
  rule('out:xy', ['x', 'y'], { steps: [], labels: { pod: '' } }),
  rule('out:scaled', ['scaled'], { steps: [{ kind: 'divide', operand: 1000 }] }),
  rule('out:requests', ['requests'], {
    steps: [
      {
        kind: 'label_replace',
        targetLabel: 'asserts_request_context',
        replacement: '$1',
        sourceLabel: 'path',
        regex: '(.*)',
      },
    ],
    labels: { path: '', asserts_request_type: 'inbound' },
  }),
];

function rule(record: string, names: readonly string[], rest: Pick<MappingRule, 'steps'> & Partial<MappingRule>) {
  return {
    record,
    expr: names.join(' or '),
    matchers: [{ type: '=~', name: '__name__', value: names.join('|') } as const],
    labels: {},
    origin: { pack: 'test', file: 'rules.yml', line: 1, group: 'g' },
    ...rest,
  };
}

function tenantNamed(name: string): Tenant {
  const main: Source = { name: 'main', type: 'remote_write', tokens: ['t'], scope: DEFAULT_SCOPE };
  return {
    name,
    tokens: [],
    sources: [main, { ...main, name: 'pair', ha: DEFAULT_HIGH_AVAILABILITY }],
    limits: DEFAULT_INTAKE_LIMITS,
    cardinality: { maxRequestContextsPerService: 2, maxMembersPerMetric: 4 },
  };
}
