import { describe, expect, it } from 'vitest';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_INTAKE_LIMITS, type Source, type Tenant } from '../../../lib/context/tenant.ts';
import type { Labels } from '../../../lib/model/labels.ts';
import { STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { explainSeries } from '../../../lib/pipeline/explain/explain-series.ts';
import { PlanReader } from '../../../lib/pipeline/explain/plan-reader.ts';
import { compilePlan } from '../../../lib/plan/compile-plan.ts';
import { Engine } from '../../../lib/promql/engine.ts';
import { parseRuleFile } from '../../../lib/rules/parse-rule-file.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { series } from '../../model/series.ts';

const TIME = 600_000;
const RULES = `groups:
  - name: shop
    interval: 30s
    query_offset: 30s
    rules:
      - {record: 'shop:requests:total', expr: shop_requests_total / 2}
      - {record: 'shop:rate', expr: 'sum by (asserts_env, job) (rate(shop:requests:total[5m]))', labels: {kind: sum}}
      - {record: 'shop:rate', expr: 'max by (asserts_env, job) (rate(shop:requests:total[5m]))', labels: {kind: max}}
      - {record: 'shop:rate:twice', expr: 'shop:rate * 2', labels: {kind: ''}}
`;

const plan = compilePlan({
  packs: [
    { name: 'own', description: '', strict: false, ruleFiles: [parseRuleFile('own.yml', RULES)], relabelFiles: [] },
  ],
});
const reader = new PlanReader(plan);

function remoteWrite(name: string, env: string): Source {
  return { name, type: 'remote_write', tokens: [], scope: { env: { labels: [], default: env }, site: { labels: [] } } };
}

function tenant(...sources: Source[]): Tenant {
  return { name: 'acme', tokens: [], sources, limits: DEFAULT_INTAKE_LIMITS };
}

async function store(samples: Readonly<Record<string, readonly number[]>>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const appender = storage.appender('acme', 'normalised');
  for (const [text, values] of Object.entries(samples)) {
    for (const [i, value] of values.entries()) {
      appender.append(series(text), { timestamp: TIME - (values.length - 1 - i) * 30_000, value });
    }
  }
  await appender.commit();
  return storage;
}

async function explain(labels: Labels, storage: MemoryStorage, of: Tenant, breadth = 2) {
  const store = { querier: storage.querier('acme'), engine: new Engine() };
  return explainSeries(labels, { reader, tenant: of, evaluationInterval: 60_000, store }, { time: TIME, breadth });
}

const NORMALISED = 'shop:requests:total{asserts_env="demo",asserts_name="shop_requests_total",job="a"}';

describe('explanations', () => {
  it('name every source that may have brought a series, and only those', async () => {
    const storage = await store({ [NORMALISED]: [1, 2, STALE_NAN] });
    const of = tenant(remoteWrite('one', 'demo'), remoteWrite('two', 'prod'), remoteWrite('three', 'demo'));
    const explained = await explain(series(NORMALISED), storage, of);
    expect(explained.sources).toEqual([
      { name: 'one', type: 'remote_write' },
      { name: 'three', type: 'remote_write' },
    ]);
    expect(explained.samples.map(({ value }) => value)).toEqual(['1', '2', 'stale']);
    expect(explained.raw?.samples.map(({ value, exact }) => [value, exact])).toEqual([
      ['2', true],
      ['4', true],
      ['stale', true],
    ]);
  });

  it('say so where no source can have brought it', async () => {
    const explained = await explain(series(NORMALISED), new MemoryStorage(), tenant(remoteWrite('two', 'prod')));
    expect(explained).toMatchObject({
      kind: 'normalised',
      note: expect.stringContaining('cannot be reconstructed'),
      samples: [],
    });
    expect(explained.raw).toBeUndefined();
  });

  it('tell rules of one record apart by their labels, and keep within their breadth', async () => {
    const inputs = Object.fromEntries(
      ['1', '2', '3', '4'].map((n) => [NORMALISED.replace('job="a"', `job="a",pod="${n}"`), [0, 30, 60, 90, 120]]),
    );
    const rate = 'shop:rate{asserts_env="demo",job="a",kind="max"}';
    const storage = await store({ ...inputs, [rate]: [0.5, 1] });
    const explained = await explain(series(rate), storage, tenant(remoteWrite('one', 'demo')), 3);
    expect(explained.rules.map(({ origin }) => origin.line)).toEqual([8]);
    expect(explained.evaluation).toMatchObject({ group: 'shop', interval: 30_000, time: TIME + 30_000 });
    expect(explained.inputs).toHaveLength(1);
    expect(explained.inputs?.[0]).toMatchObject({ found: 4 });
    expect(explained.inputs?.[0]?.series).toHaveLength(3);
  });

  it('name all rules that fit where nothing is stored to tell', async () => {
    const gone = await explain(series('shop:rate:twice{asserts_env="demo",job="a"}'), new MemoryStorage(), tenant());
    expect(gone).toMatchObject({ kind: 'derived', samples: [], inputs: [{ found: 0 }] });
    expect(gone.inputs?.[0]?.recordedBy.map(({ origin }) => origin.line)).toEqual([7, 8]);
    expect(gone.evaluation?.value).toBeUndefined();
  });

  it('tell what a query source was asked', async () => {
    const source: Source = {
      name: 'far',
      type: 'query',
      url: 'https://prometheus.example',
      interval: 60_000,
      timeout: 10_000,
      delay: 60_000,
      maxCatchUp: 3600_000,
      access: { auth: { type: 'none' }, headers: {}, tls: {}, allowNetworks: [] },
      limits: DEFAULT_ANSWER_LIMITS,
      scope: { env: { labels: ['env'], default: 'demo' }, site: { labels: [] } },
    };
    const pushed = compilePlan({
      packs: [
        {
          name: 'own',
          description: '',
          strict: false,
          ruleFiles: [parseRuleFile('own.yml', RULES.replace('    query_offset: 30s\n', ''))],
          relabelFiles: [],
        },
      ],
    });
    const world = { reader: new PlanReader(pushed), tenant: tenant(source), evaluationInterval: 60_000 };
    const rate = series('shop:rate{asserts_env="demo",job="a",kind="sum"}');
    const explained = await explainSeries(rate, world, { time: TIME, breadth: 1 });
    expect(explained.questions?.map((question) => question.source)).toEqual(['far']);
    expect(explained.questions?.[0]?.query).toMatch(/^sum by \(.*job.*\) \(rate\(shop_requests_total\[5m\]\)/);
    expect(explained.note).toContain('stay on its server');
    expect(explained.inputs).toBeUndefined();
  });
});
