import { describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../../lib/context/tenant.ts';
import type { OwnMetric } from '../../lib/model/own-metric.ts';
import { newOwnSeries } from '../../lib/pipeline/new-own-series.ts';
import { type OwnFigures, OwnSeries } from '../../lib/pipeline/own-series.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { newTally, type Tally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { load, planOfRules, RuleBench, TENANT } from './evaluate/run-rules.ts';

const MINUTE = 60_000;
const USING = `groups:
  - name: own
    rules:
      - {alert: Lost, expr: 'sum by (outcome) (tributary_tenant_samples) > 1'}
      - {record: "own:messages:sum", expr: "sum by (asserts_env) (tributary_tenant_messages)"}
`;
const PLAN = planOfRules(USING);

const TENANT_OF_TWO: Tenant = {
  name: TENANT,
  tokens: [],
  sources: [
    { name: 'eu', type: 'remote_write', tokens: [], scope: { ...DEFAULT_SCOPE, env: { labels: [], default: 'prod' } } },
    { name: 'us', type: 'remote_write', tokens: [], scope: DEFAULT_SCOPE },
  ],
  limits: DEFAULT_INTAKE_LIMITS,
};

describe('OwnSeries', () => {
  it('tells a tenant what came in each minute and what became of it, zeros included', async () => {
    const { series, storage, record } = bench();
    await record('a', MINUTE, { contextualized: 5, unselected: 7, dropped: { relabel_drop: 2, no_asserts_env: 1 } });
    await record('b', 2 * MINUTE - 1, { contextualized: 1, refused: { too_old: 4 } });
    await record('c', 2 * MINUTE, { contextualized: 100 });
    await series.write(TENANT, MINUTE, 2 * MINUTE);
    const eu = (outcome: string) =>
      `tributary_tenant_samples{asserts_env="prod", job="tributary", outcome="${outcome}", source="eu"}`;
    const us = eu('').replace('prod', 'tributary').replace('"eu"', '"us"');
    expect(await ask(storage, '{__name__=~"tributary_.*"}', 2 * MINUTE)).toEqual([
      'tributary_tenant_messages{asserts_env="prod", job="tributary", source="eu"} = 2',
      'tributary_tenant_messages{asserts_env="tributary", job="tributary", source="us"} = 0',
      `${eu('contextualized')} = 6`,
      `${eu('dropped')} = 3`,
      `${eu('refused')} = 4`,
      `${eu('unselected')} = 7`,
      ...['contextualized', 'dropped', 'refused', 'unselected'].map((of) => `${us.replace('""', `"${of}"`)} = 0`),
    ]);
  });

  it('gives every minute of a slice one value, however often it is written', async () => {
    const { series, storage, record } = bench();
    for (let i = 0; i < 5; i++) await record(`m${i}`, i * MINUTE, { contextualized: i + 1 });
    await series.write(TENANT, 0, 3 * MINUTE);
    await series.write(TENANT, 0, 3 * MINUTE);
    await series.write(TENANT, 2 * MINUTE, 5 * MINUTE);
    const of = 'tributary_tenant_samples{source="eu",outcome="contextualized"}';
    expect(await ask(storage, `sum_over_time(${of}[1h])`, 5 * MINUTE)).toEqual([expect.stringMatching(/ = 15$/)]);
    expect(await ask(storage, `count_over_time(${of}[1h])`, 5 * MINUTE)).toEqual([expect.stringMatching(/ = 5$/)]);
  });

  it('lets a minute grow when it is written again after more was accounted for', async () => {
    const { series, storage, record } = bench();
    await record('a', 30_000, { contextualized: 5 });
    await series.write(TENANT, 0, MINUTE);
    await record('late', 31_000, { contextualized: 2 });
    await series.write(TENANT, 0, MINUTE);
    expect(await ask(storage, 'sum(tributary_tenant_samples)', MINUTE)).toEqual(['{} = 7']);
  });

  it('asks for nothing and writes nothing where no rule uses any of it', async () => {
    const figures: OwnFigures = { names: ['tributary_x'], of: () => Promise.reject(new Error('BUG: asked')) };
    const storage = { appender: () => unreachable() };
    const series = new OwnSeries({ plan: PLAN, tenants: [TENANT_OF_TWO], storage, figures: [figures] });
    await series.write(TENANT, 0, 10 * MINUTE);
  });

  it('leaves out single metrics that no rule uses, and commits nothing where none is left', async () => {
    const metric = (name: string): OwnMetric => ({ name, help: 'Help.', type: 'gauge', labels: {}, value: 1 });
    const storage = new MemoryStorage();
    const write = (...metrics: OwnMetric[]) => {
      const figures: OwnFigures = { names: ['tributary_tenant_messages'], of: async () => metrics };
      return new OwnSeries({ plan: PLAN, tenants: [TENANT_OF_TWO], storage, figures: [figures] });
    };
    await write(metric('tributary_y')).write(TENANT, 0, MINUTE);
    await write(metric('tributary_tenant_messages'), metric('tributary_y')).write(TENANT, 0, MINUTE);
    expect(await ask(storage, '{job="tributary"}', MINUTE)).toEqual([
      'tributary_tenant_messages{asserts_env="prod", job="tributary"} = 1',
    ]);
    expect(await storage.querier(TENANT).metadata()).toEqual([
      { metricFamilyName: 'tributary_tenant_messages', type: 'gauge', help: 'Help.', unit: '' },
    ]);
  });

  it('is written before the rules of the same minute, which find it', async () => {
    const { storage, record, ledger } = bench();
    await record('a', 30_000, { dropped: { relabel_drop: 9 } });
    await load(storage, { 'load{i="1"}': [1, 1, 1] });
    const rules = new RuleBench(PLAN, { storage });
    const ownSeries = newOwnSeries({
      plan: PLAN,
      tenants: [TENANT_OF_TWO],
      storage,
      ledger,
      usage: ledger,
      retention: RETENTION,
    });
    await rules.evaluateTo(0, { ownSeries });
    expect(await ask(storage, '{job="tributary"}', MINUTE), 'before the first run').toEqual([]);
    const outcome = await rules.evaluateTo(MINUTE, { ownSeries });
    expect(outcome).toMatchObject({ failures: [], behind: 0 });
    expect(await ask(storage, 'own:messages:sum', MINUTE)).toEqual([
      'own:messages:sum{asserts_env="prod"} = 1',
      'own:messages:sum{asserts_env="tributary"} = 0',
    ]);
    expect(await ask(storage, 'ALERTS', MINUTE)).toHaveLength(1);
  });

  it('keeps no rule from being evaluated when it fails', async () => {
    const { storage } = bench();
    await load(storage, { tributary_tenant_messages: [1, 1] });
    const rules = new RuleBench(PLAN, { storage });
    const ownSeries = { write: () => Promise.reject(new Error('the ledger is away')) };
    await rules.evaluateTo(0);
    const outcome = await rules.evaluateTo(MINUTE, { ownSeries });
    expect(outcome).toMatchObject({ ownSeriesError: new Error('the ledger is away'), behind: 0 });
    expect(await ask(storage, 'own:messages:sum', MINUTE)).toEqual(['own:messages:sum = 1']);
  });
});

const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };

function bench() {
  const storage = new MemoryStorage();
  const ledger = new MemoryLedger();
  const record = (id: string, timestamp: number, tally: Partial<Tally>) =>
    ledger.record(TENANT, [{ id, source: 'eu', timestamp, tally: { ...newTally(), ...tally }, examples: [] }]);
  return {
    storage,
    ledger,
    record,
    series: newOwnSeries({
      plan: PLAN,
      tenants: [TENANT_OF_TWO],
      storage,
      ledger,
      usage: ledger,
      retention: RETENTION,
    }),
  };
}

async function ask(storage: MemoryStorage, query: string, time: number): Promise<string[]> {
  const { data } = await new Engine().instantQuery(storage.querier(TENANT), query, time);
  if (data.kind !== 'vector') throw new Error(`${query} is a ${data.kind}`);
  return data.samples.map(({ labels, value }) => `${labels} = ${value}`).sort();
}

function unreachable(): never {
  throw new Error('BUG: nothing is to be written');
}
