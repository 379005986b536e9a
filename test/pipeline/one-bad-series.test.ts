import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_HIGH_AVAILABILITY,
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_SCOPE,
  type Source,
  type Tenant,
} from '../../lib/context/tenant.ts';
import { Labels } from '../../lib/model/labels.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { formatIntakeAccount } from '../../lib/pipeline/intake-account.ts';
import { ReceivedMemories } from '../../lib/pipeline/received-memories.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import type { MappingRule } from '../../lib/plan/plan.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import type { QueueMessage } from '../../lib/queue/interface.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { StorageUnavailableError } from '../../lib/storage/errors.ts';
import type { Appendable, Appender } from '../../lib/storage/interface.ts';
import { newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { seriesIdentity } from '../../lib/storage/series-identity.ts';
import { compress } from '../../lib/wire/snappy.ts';
import { nativeHistogram } from '../receiver/messages.ts';
import { tableDouble } from '../storage/dynamodb/table-double.ts';

const T = 1_795_000_000_000;
const ALL = { mint: 0, maxt: 2 * T };

describe('one bad series', () => {
  it('whose id is another one of the batch is counted, and nobody waits for it', async () => {
    const { run, stored, totals, letters } = setUp({ collide: ['b', 'c'] });
    const batch = [message('m1-0', ['a', 'b']), message('m2-0', ['c', 'd', 'b'])];
    expect(await run(...batch)).toEqual([]);
    expect(await stored()).toEqual({ a: 1, b: 2, d: 1 });
    const [source] = await totals();
    expect(source).toMatchObject({
      messages: 2,
      tally: { selected: 10, contextualized: 8, stored: 8, dropped: { id_collision: 2 } },
    });
    expect(source?.examples).toMatchObject([{ reason: 'id_collision' }]);
    expect(source?.examples[0]?.series).toContain('id="c"');
    expect(source?.examples[0]?.detail).toContain('of the same commit, has it');
    expect(letters).toEqual([]);
  });

  it('whose id is stored already stays out, however often and with whomever it comes', async () => {
    const { run, stored, totals } = setUp({ collide: ['b', 'c'] });
    expect(await run(message('m1-0', ['c']))).toEqual([]);
    const batch = [message('m2-0', ['a', 'b']), message('m3-0', ['b', 'c', 'd'])];
    for (let i = 0; i < 3; i++) expect(await run(...batch)).toEqual([]);
    expect(await run(batch[1] as QueueMessage)).toEqual([]);
    expect(await stored()).toEqual({ a: 1, c: 2, d: 1 });
    const [source] = await totals();
    expect(source?.tally).toMatchObject({ selected: 12, contextualized: 8, stored: 8, dropped: { id_collision: 4 } });
    expect(source?.examples[0]?.detail).toContain('another series of that day has it');
  });

  it('that throws in the contextualizer waits among the dead letters, alone, and is told once it is mended', async () => {
    const world = setUp({ throwing: ['b'] });
    const batch = [message('m1-0', ['a', 'b']), message('m2-0', ['b', 'c'])];
    expect(await world.run(...batch)).toEqual([]);
    expect(await world.stored()).toEqual({ a: 1, c: 1 });
    expect((await world.totals())[0]).toMatchObject({
      tally: { selected: 8, contextualized: 4, dropped: { cannot_contextualize: 4 } },
    });
    expect(world.letters.map(({ envelope }) => envelope.id)).toEqual(['m1-0-aside', 'm2-0-aside']);
    expect(world.errors[0]?.message).toContain('id="b"');
    expect(world.errors[0]).toMatchObject({ cause: { message: 'BUG: b' } });
    world.mend();
    for (let i = 0; i < 2; i++) expect(await world.run(...world.letters)).toEqual([]);
    expect(await world.stored()).toEqual({ a: 1, b: 2, c: 1 });
    expect((await world.totals())[0]?.tally).toMatchObject({ selected: 8, contextualized: 8, stored: 8, dropped: {} });
  });

  it('may fail again when it is sent back, and is still counted once', async () => {
    const world = setUp({ throwing: ['b', 'c'] });
    await world.run(message('m1-0', ['a', 'b', 'c']));
    world.mend('b');
    expect(await world.run(...world.letters)).toEqual([]);
    expect((await world.totals())[0]?.tally).toMatchObject({
      selected: 6,
      contextualized: 4,
      dropped: { cannot_contextualize: 2 },
    });
    expect(world.letters.map(({ envelope }) => envelope.id)).toEqual(['m1-0-aside', 'm1-0-aside-aside']);
    world.mend();
    await world.run(...world.letters.slice(1));
    expect(await world.stored()).toEqual({ a: 1, b: 1, c: 1 });
    expect((await world.totals())[0]?.tally).toMatchObject({ selected: 6, contextualized: 6, dropped: {} });
  });

  it('that no commit can take is found among many', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => `s${i}`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat({ max: 59 }), { maxLength: 5 }), fc.nat({ max: 60 }), async (bad, cut) => {
        const poison = bad.map((i) => `s${i}`);
        const world = setUp({ poison });
        const batch = [message('m1-0', ids.slice(0, cut)), message('m2-0', ids.slice(cut))];
        expect(await world.run(...batch)).toEqual([]);
        const good = ids.filter((id) => !poison.includes(id));
        expect(await world.stored()).toEqual(Object.fromEntries(good.map((id) => [id, 1])));
        const [source] = await world.totals();
        expect(source?.tally).toMatchObject({ selected: 120, contextualized: 2 * good.length });
        expect(source?.tally.dropped).toEqual(poison.length === 0 ? {} : { cannot_store: 2 * poison.length });
        world.mend();
        expect(await world.run(...world.letters)).toEqual([]);
        expect(Object.keys(await world.stored()).sort()).toEqual([...ids].sort());
        expect((await world.totals())[0]?.tally).toMatchObject({ contextualized: 120, stored: 120, dropped: {} });
      }),
      { numRuns: 15 },
    );
  });

  it('is no excuse where everything fails: the message waits as a whole', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => `s${i}`);
    const world = setUp({ poison: ids });
    const failures = await world.run(message('m1-0', ids));
    expect(failures.map(({ error }) => error.message)).toEqual([expect.stringContaining('BUG: cannot pack')]);
    expect(world.letters).toEqual([]);
    expect(await world.totals()).toEqual([]);
  });

  it('fails its message where it cannot be set aside durably, or the store is out of reach', async () => {
    const unreachable = setUp({ throwing: ['b'], lettersFail: true });
    expect(await unreachable.run(message('m1-0', ['a', 'b']), message('m2-0', ['c']))).toMatchObject([
      { message: { envelope: { id: 'm1-0' } } },
    ]);
    expect(await unreachable.stored()).toEqual({ a: 1, c: 1 });
    const away = setUp({ away: true });
    expect(await away.run(message('m1-0', ['a', 'b']))).toHaveLength(1);
    expect(away.letters).toEqual([]);
  });

  it('keeps its replica when it is set aside', async () => {
    const world = setUp({ throwing: ['b'] });
    await world.run(message('m1-0', ['a', 'b'], { source: 'pair', replica: 'r1' }));
    await world.run(message('m2-0', ['b'], { source: 'pair', replica: 'r2' }));
    expect(world.letters).toHaveLength(1);
    world.mend();
    await world.run(...world.letters);
    expect(await world.stored()).toEqual({ a: 1, b: 1 });
    expect((await world.totals())[0]?.tally).toMatchObject({ contextualized: 4, dropped: { ha_replica: 2 } });
  });
});

/** Two samples a series: a float, and a histogram a second later. Series are told apart by `id`. */
function message(
  id: string,
  ids: readonly string[],
  { source = 'main', replica = '' }: { readonly source?: string; readonly replica?: string } = {},
): QueueMessage {
  const timestamp = T + Number(/\d+/.exec(id)?.[0]) * 15_000;
  const timeseries = ids.map((one) => ({
    labels: [...Labels.from({ __name__: 'raw', env: 'prod', id: one, cluster: 'eu', __replica__: replica })],
    samples: [{ timestamp, value: 1 }],
    histograms: [nativeHistogram({ timestamp: timestamp + 1000 })],
    exemplars: [],
  }));
  const samples = 2 * ids.length;
  const account = formatIntakeAccount({ tally: { ...newTally(), accepted: samples, selected: samples }, examples: [] });
  return {
    envelope: { id, tenant: 'acme', source, plan: 'p', receivedAt: T, account },
    body: compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request')),
  };
}

interface Faults {
  /** Values of `id` whose series have one identity. */
  readonly collide?: readonly string[];
  /** Those that the contextualizer throws for, until it is mended. */
  readonly throwing?: readonly string[];
  /** Those that make a commit throw, until it is mended. */
  readonly poison?: readonly string[];
  readonly lettersFail?: boolean;
  readonly away?: boolean;
}

/** A worker over the DynamoDB adapter. */
function setUp({ collide = [], throwing = [], poison = [], lettersFail = false, away = false }: Faults) {
  const bad = new Set([...throwing, ...poison]);
  const identify = (labels: Labels) => {
    const identity = seriesIdentity(labels);
    return collide.includes(labels.get('id')) ? { ...identity, id: '00000000000000ff', high: 0, low: 255 } : identity;
  };
  const store = new DynamoStorage({
    ...tableDouble(),
    retention: { normalised: { days: 2 }, derived: { days: 2 } },
    now: () => T,
    identify,
  });
  const storage: Appendable = {
    appender: (tenant, of) => poisonable(store.appender(tenant, of), (labels) => bad.has(labels.get('id')), away),
  };
  const ledger = new MemoryLedger();
  const registers = new MemoryRegisters();
  const [letters, errors]: [QueueMessage[], Error[]] = [[], []];
  const dependencies = {
    contextualizer: new Throwing((labels) => throwing.includes(labels.get('id')) && bad.has(labels.get('id'))),
    memories: new ReceivedMemories(),
    tenants: [TENANT],
    storage,
    ledger,
    elections: new Elections(registers),
    firewall: new Firewall({ registers, generationMs: 2 * 86_400_000, now: () => T }),
    deadLetters: {
      setAside: async (letter: QueueMessage, error: Error) => {
        if (lettersFail) throw new Error('the queue is away');
        letters.push(letter);
        errors.push(error);
      },
    },
  };
  return {
    letters,
    errors,
    run: (...messages: QueueMessage[]) => contextualizeMessages(messages, dependencies),
    totals: () => ledger.totals('acme', 0, 2 * T),
    /** By id, how many floats are stored; there are as many histograms. */
    stored: async () => {
      const found = await store.querier('acme').select(ALL);
      for (const { floats, histograms } of found) expect(histograms?.histograms.length).toBe(floats.values.length);
      return Object.fromEntries(found.map(({ labels, floats }) => [labels.get('id'), floats.values.length]));
    },
    mend: (...ids: string[]) => {
      for (const id of ids.length > 0 ? ids : [...bad]) bad.delete(id);
    },
  };
}

class Throwing extends Contextualizer {
  readonly #isBad: (labels: Labels) => boolean;

  constructor(isBad: (labels: Labels) => boolean) {
    super({ relabelConfigs: [], mappings: [RULE] });
    this.#isBad = isBad;
  }

  override look(...[raw, scope, source]: Parameters<Contextualizer['look']>) {
    if (this.#isBad(raw)) throw new Error(`BUG: ${raw.get('id')}`);
    return super.look(raw, scope, source);
  }
}

function poisonable(appender: Appender, isBad: (labels: Labels) => boolean, away: boolean): Appender {
  let poison: Labels | undefined;
  const note = (labels: Labels) => {
    if (isBad(labels)) poison ??= labels;
  };
  return {
    append: (labels, sample) => {
      note(labels);
      appender.append(labels, sample);
    },
    appendHistogram: (labels, histogram) => {
      note(labels);
      appender.appendHistogram(labels, histogram);
    },
    appendMetadata: (metadata) => appender.appendMetadata(metadata),
    commit: async () => {
      if (away) throw new StorageUnavailableError('the table is away');
      if (poison !== undefined) throw new Error(`BUG: cannot pack ${poison}`);
      return appender.commit();
    },
  };
}

const SOURCE: Source = { name: 'main', type: 'remote_write', tokens: ['t'], scope: DEFAULT_SCOPE };
const TENANT: Tenant = {
  name: 'acme',
  tokens: [],
  sources: [SOURCE, { ...SOURCE, name: 'pair', ha: DEFAULT_HIGH_AVAILABILITY }],
  limits: DEFAULT_INTAKE_LIMITS,
};
const RULE: MappingRule = {
  record: 'recorded',
  expr: 'raw',
  matchers: [{ type: '=', name: '__name__', value: 'raw' }],
  steps: [],
  labels: {},
  origin: { pack: 'test', file: 'rules.yml', line: 1, group: 'g' },
};
