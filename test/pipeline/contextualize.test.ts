import { describe, expect, it } from 'vitest';
import {
  DEFAULT_HIGH_AVAILABILITY,
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_SCOPE,
  type Tenant,
} from '../../lib/context/tenant.ts';
import type { Label } from '../../lib/model/labels.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { isStaleNaN, STALE_NAN } from '../../lib/model/stale-marker.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { formatIntakeAccount, NO_ACCOUNT } from '../../lib/pipeline/intake-account.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import type { MappingRule, MappingStep } from '../../lib/plan/plan.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import type { Envelope, QueueMessage } from '../../lib/queue/interface.ts';
import { StorageUnavailableError } from '../../lib/storage/errors.ts';
import type { Appender, Storage } from '../../lib/storage/interface.ts';
import { type Ledger, newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { compress } from '../../lib/wire/snappy.ts';
import { STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';
import { nativeHistogram } from '../receiver/messages.ts';

const T = 1_795_000_000_000;
const RECORDED = 'asserts:latency:total';

describe('contextualizeMessages', () => {
  it('stores what the rules make of each sample, at its own time, stale markers whole', async () => {
    const { run, read } = setUp([{ kind: 'divide', operand: 1000 }]);
    const samples = [point(0, 250), point(15_000, 500), point(30_000, STALE_NAN)];
    expect(await run(message([series(rawLabels, samples)]))).toEqual([]);
    const [stored] = await read('acme');
    expect(stored?.labels.toJSON()).toEqual({
      __name__: RECORDED,
      asserts_env: 'prod',
      asserts_name: 'raw_ms_sum',
      asserts_source: 'test',
      env: 'prod',
      instance: 'a:1',
    });
    expect([...(stored?.floats.timestamps ?? [])]).toEqual([T, T + 15_000, T + 30_000]);
    expect([...(stored?.floats.values ?? [])].slice(0, 2)).toEqual([0.25, 0.5]);
    expect(isStaleNaN(stored?.floats.values[2] ?? 0)).toBe(true);
  });

  it('answers the same however often and in whatever groups messages come', async () => {
    const first = message([series(rawLabels, [point(0, 1)])], { id: 'r1-0' });
    const second = message([series(rawLabels, [point(1000, 2)])], { id: 'r2-0' });
    const { run, read, totals } = setUp();
    for (const batch of [[second], [first, second], [first], [second, first]]) expect(await run(...batch)).toEqual([]);
    const [stored] = await read('acme');
    expect([...(stored?.floats.values ?? [])]).toEqual([1, 2]);
    expect(await totals()).toMatchObject([{ messages: 2, tally: { contextualized: 2, stored: 2 } }]);
  });

  it('counts what is dropped, by reason and with examples, beside what the receiver counted', async () => {
    const { run, totals } = setUp([{ kind: 'divide', operand: 1000 }]);
    const nowhere = labels({ __name__: 'raw_ms_sum', instance: 'b:1' });
    const unknown = labels({ __name__: 'unheard_of', env: 'prod' });
    const account = formatIntakeAccount({
      tally: { ...newTally(), accepted: 9, selected: 6, unselected: 3 },
      examples: [],
    });
    await run(
      message(
        [
          series(rawLabels, [point(0, 1)], 2),
          series(nowhere, [point(0, 1), point(1, 1)]),
          series(unknown, [point(0, 1)]),
        ],
        {
          account,
        },
      ),
    );
    const [source] = await totals();
    expect(source?.tally).toMatchObject({
      accepted: 9,
      selected: 6,
      unselected: 3,
      contextualized: 1,
      stored: 1,
      dropped: { histogram_not_scalable: 2, no_asserts_env: 2, no_rule_matched: 1 },
    });
    expect(source?.examples.map(({ reason }) => reason).sort()).toEqual([
      'histogram_not_scalable',
      'no_asserts_env',
      'no_rule_matched',
    ]);
    expect(source?.examples.find(({ reason }) => reason === 'histogram_not_scalable')?.detail).toContain(
      'cannot be brought into another unit by a factor',
    );
  });

  it('stores native histograms as they are, stale markers too', async () => {
    const { run, read, totals } = setUp([
      { kind: 'label_replace', targetLabel: 'zone', replacement: '$1', sourceLabel: 'instance', regex: '(.).*' },
    ]);
    const sent = series(rawLabels, [point(0, 1)], 1);
    const [histogram] = sent.histograms;
    await run(message([sent]));
    const ended = { ...STALE_HISTOGRAM, timestamp: T + 60_000 };
    await run(message([{ ...series(rawLabels, []), histograms: [ended] }]));
    const [stored] = await read('acme');
    expect(stored?.labels.get('zone')).not.toBe('');
    expect(stored?.histograms?.histograms).toContainEqual(histogram);
    const marker = stored?.histograms?.histograms.find(({ timestamp }) => timestamp === ended.timestamp);
    expect(isStaleNaN(marker?.sum ?? 0)).toBe(true);
    expect(await totals()).toMatchObject([{ tally: { contextualized: 3, stored: 3, dropped: {} } }]);
  });

  it('keeps metadata of metrics that came without samples', async () => {
    const { run, storage } = setUp();
    const metadata = { type: 'counter', help: 'Time spent.', unit: 'ms' } as const;
    await run(message([{ ...series(labels({ __name__: 'raw_ms_sum' }), []), metadata }]));
    expect(await storage.querier('acme').metadata()).toEqual([{ metricFamilyName: 'raw_ms_sum', ...metadata }]);
  });

  it('fails a message that cannot be read and no other', async () => {
    const { run, read } = setUp();
    const good = message([series(rawLabels, [point(0, 1)])]);
    const corrupt = { ...message([]), body: new Uint8Array([9, 9, 9]) };
    const orphan = message([series(rawLabels, [point(5, 1)])], { source: 'gone' });
    const failures = await run(corrupt, good, orphan);
    expect(failures.map(({ message: failed }) => failed)).toEqual([corrupt, orphan]);
    expect(failures[1]?.error.message).toContain('source gone: tributary.yml no longer has them');
    expect((await read('acme'))[0]?.floats.timestamps).toHaveLength(1);
  });

  it('drops a sample that the store cannot hold, with its reason, and stores its neighbours', async () => {
    const { run, read, totals } = setUp();
    await run(message([series(rawLabels, [point(0, 1), point(30 * 24 * 3600_000, 2), point(2, 3)])]));
    expect([...((await read('acme'))[0]?.floats.values ?? [])]).toEqual([1, 3]);
    const [source] = await totals();
    expect(source?.tally).toMatchObject({ contextualized: 2, stored: 2, dropped: { invalid_sample: 1 } });
    expect(source?.examples[0]?.detail).toContain('ahead of now');
  });

  it('asks for redelivery of a whole tenant when its commit or its ledger fails, and of no other tenant', async () => {
    for (const broken of ['commit', 'ledger'] as const) {
      const { run, read, mend } = setUp([], broken);
      const ours = message([series(rawLabels, [point(0, 1)])], { tenant: 'acme' });
      const theirs = message([series(rawLabels, [point(0, 2)])], { tenant: 'other' });
      const failures = await run(ours, theirs);
      expect(failures.map(({ message: failed }) => failed)).toEqual([ours]);
      expect((await read('other'))[0]?.floats.values[0]).toBe(2);
      mend();
      expect(await run(ours)).toEqual([]);
      expect([...((await read('acme'))[0]?.floats.values ?? [])]).toEqual([1]);
    }
  });

  it('commits once while the store is out of reach: every message comes again', async () => {
    const { run, commits } = setUp([], 'commit');
    const batch = [1, 2, 3].map((value, i) => message([series(rawLabels, [point(i, value)])]));
    expect(await run(...batch)).toHaveLength(3);
    expect(commits()).toBe(1);
  });

  it('stores one replica of a pair once, and counts the other as dropped', async () => {
    const { run, read, totals } = setUp();
    const of = (replica: string) =>
      labels({ __name__: 'raw_ms_sum', env: 'prod', cluster: 'eu', __replica__: replica });
    const sent = ['a', 'b'].map((replica, i) =>
      message([series(of(replica), [point(i * 1000, 1), point(15_000 + i * 1000, 2)])], { source: 'pair' }),
    );
    for (const batch of [sent, sent.toReversed()]) expect(await run(...batch)).toEqual([]);
    const found = await read('acme');
    expect(found.map((one) => one.labels.has('__replica__'))).toEqual([false]);
    expect([...(found[0]?.floats.timestamps ?? [])]).toEqual([T, T + 15_000]);
    const [source] = await totals();
    expect(source).toMatchObject({ source: 'pair', tally: { contextualized: 2, dropped: { ha_replica: 2 } } });
    expect(source?.examples[0]?.detail).toBe('__replica__ a of cluster "eu" led at that time');
  });

  it('keeps tenants apart', async () => {
    const { run, read } = setUp();
    await run(message([series(rawLabels, [point(0, 1)])], { tenant: 'other' }));
    expect(await read('acme')).toEqual([]);
  });
});

const rawLabels = labels({ __name__: 'raw_ms_sum', env: 'prod', instance: 'a:1' });

function labels(set: Readonly<Record<string, string>>): Label[] {
  return Object.entries(set).map(([name, value]) => ({ name, value }));
}

function point(offset: number, value: number) {
  return { timestamp: T + offset, value };
}

function series(seriesLabels: readonly Label[], samples: TimeSeries['samples'], histograms = 0): TimeSeries {
  return {
    labels: seriesLabels,
    samples,
    histograms: Array.from({ length: histograms }, () => nativeHistogram({ timestamp: T + 5000 })),
    exemplars: [],
  };
}

let messages = 0;

function message(timeseries: readonly TimeSeries[], envelope: Partial<Envelope> = {}): QueueMessage {
  const defaults: Envelope = {
    id: `m${messages++}`,
    tenant: 'acme',
    source: 'main',
    plan: 'p',
    receivedAt: T,
    account: NO_ACCOUNT,
  };
  const body = compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request'));
  return { envelope: { ...defaults, ...envelope }, body };
}

/** A worker over memory; `broken` names what fails for tenant acme until it is mended. */
function setUp(steps: readonly MappingStep[] = [], broken?: 'commit' | 'ledger') {
  const memory = new MemoryStorage({ retention: { normalised: { days: 2 }, derived: { days: 2 } }, now: () => T });
  const memoryLedger = new MemoryLedger();
  let isBroken = broken !== undefined;
  let commits = 0;
  const brokenAppender = (): Appender => ({
    ...IDLE_APPENDER,
    commit: () => {
      commits++;
      return Promise.reject(new StorageUnavailableError('the table is out of reach'));
    },
  });
  const fails = (part: 'commit' | 'ledger', tenant: string) => isBroken && broken === part && tenant === 'acme';
  const storage: Storage = {
    querier: (tenant) => memory.querier(tenant),
    appender: (tenant, retentionClass) => {
      if (fails('commit', tenant)) return brokenAppender();
      return memory.appender(tenant, retentionClass);
    },
  };
  const ledger: Ledger = {
    totals: (tenant, mint, maxt) => memoryLedger.totals(tenant, mint, maxt),
    record: async (tenant, entries) => {
      if (fails('ledger', tenant)) throw new Error('no ledger now');
      await memoryLedger.record(tenant, entries);
    },
  };
  const contextualizer = new Contextualizer({ relabelConfigs: [], mappings: [rule(steps)] });
  const registers = new MemoryRegisters();
  const elections = new Elections(registers);
  const firewall = new Firewall({ registers, generationMs: 2 * 86_400_000, now: () => T });
  const tenants = [tenantNamed('acme'), tenantNamed('other')];
  const dependencies = { contextualizer, tenants, storage, ledger, elections, firewall };
  return {
    storage,
    run: (...batch: QueueMessage[]) => contextualizeMessages(batch, dependencies),
    read: (tenant: string) =>
      memory.querier(tenant).select({ mint: 0, maxt: 2 * T }, new Matcher('=', '__name__', RECORDED)),
    totals: () => memoryLedger.totals('acme', 0, 2 * T),
    commits: () => commits,
    mend: () => {
      isBroken = false;
    },
  };
}

const IDLE_APPENDER = { append: () => {}, appendHistogram: () => {}, appendMetadata: () => {} };

function rule(steps: readonly MappingStep[]): MappingRule {
  return {
    record: RECORDED,
    expr: 'raw_ms_sum',
    matchers: [{ type: '=', name: '__name__', value: 'raw_ms_sum' }],
    steps,
    labels: { asserts_source: 'test' },
    origin: { pack: 'test', file: 'rules.yml', line: 1, group: 'g' },
  };
}

function tenantNamed(name: string): Tenant {
  const source = { name: 'main', type: 'remote_write', tokens: ['t'], scope: DEFAULT_SCOPE } as const;
  const pair = { ...source, name: 'pair', ha: DEFAULT_HIGH_AVAILABILITY };
  return { name, tokens: [], sources: [source, pair], limits: DEFAULT_INTAKE_LIMITS };
}
