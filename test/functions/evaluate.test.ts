import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { evaluate } from '../../functions/evaluate.ts';
import { DEFAULT_INTAKE_LIMITS } from '../../lib/context/tenant.ts';
import { preparePlan } from '../../lib/pipeline/evaluate/prepared-plan.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { DynamoRuleState } from '../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { load, planOfRules, TENANT } from '../pipeline/evaluate/run-rules.ts';
import { startDynalite } from '../storage/dynamodb/start-dynalite.ts';

const NOW = 600_000;
const RULES = `groups: [{name: g, rules: [{record: "a:sum", expr: "sum(load)"}, {record: "a:broken", expr: "load * on () load"}]}]`;

function dependencies(tenants: readonly string[]) {
  return {
    plan: preparePlan(planOfRules(RULES), { interval: 60_000 }),
    tenants: tenants.map((name) => ({ name })),
    storage: new MemoryStorage(),
    ruleState: new MemoryRuleState(),
    engine: new Engine(),
    settings: { interval: 60_000, delay: 60_000, maxCatchUp: 120_000 },
    externalUrl: '',
    now: () => NOW,
  };
}

describe('functions/evaluate', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('evaluates what is due for every tenant, and logs rules that fail', async () => {
    const warned = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const deps = dependencies([TENANT, 'empty']);
    await load(deps.storage, { 'load{i="1"}': Array(11).fill(1), 'load{i="2"}': Array(11).fill(2) });
    const outcomes = await evaluate(deps, 30_000);
    expect(outcomes.map(({ tenant, evaluations, samples }) => [tenant, evaluations, samples])).toEqual([
      [TENANT, 4, 2],
      ['empty', 4, 0],
    ]);
    expect(warned.mock.calls).toMatchObject([
      ['a rule failed', { tenant: TENANT, rule: 'a:broken', at: 'rules0.yml:1' }],
    ]);
  });

  it('logs the fault of one tenant, and goes on with the others', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const inner = dependencies(['bad', 'good']);
    const ruleState = {
      read: async (tenant: string) => {
        if (tenant === 'bad') throw new Error('the table is away');
        return undefined;
      },
      replace: async () => true,
    };
    const outcomes = await evaluate({ ...inner, ruleState }, 30_000);
    expect(outcomes.find(({ tenant }) => tenant === 'good')).toMatchObject({ evaluations: 4 });
    expect(outcomes.find(({ tenant }) => tenant === 'bad')?.error?.message).toBe('the table is away');
    expect(logged.mock.calls).toMatchObject([['cannot evaluate the rules of a tenant', { tenant: 'bad' }]]);
  });
});

describe('the handler of functions/evaluate', () => {
  const table = startDynalite();
  const folder = mkdtempSync(join(tmpdir(), 'tributary-evaluate-function-'));
  const retention = { normalised: { days: 2 }, derived: { days: 400 } };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  /** A fresh instance of the function, as Lambda starts one. */
  async function invoke(tableName: string): Promise<void> {
    const runtime = {
      plan: planOfRules('groups: [{name: g, rules: [{record: "a:sum", expr: "sum(load)"}]}]'),
      tenants: [{ name: TENANT, tokens: [], sources: [], limits: DEFAULT_INTAKE_LIMITS }],
      retention,
      query: { features: [], corsOrigins: [] },
      evaluation: { interval: 60_000, delay: 60_000, maxCatchUp: 300_000 },
    };
    writeFileSync(join(folder, 'runtime.json'), JSON.stringify(runtime));
    const { hostname, port } = (await table().client.config.endpoint?.()) ?? { hostname: '', port: 0 };
    const environment = {
      TRIBUTARY_RUNTIME: join(folder, 'runtime.json'),
      TABLE_NAME: tableName,
      AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    vi.resetModules();
    const { handler } = await import('../../functions/evaluate.ts');
    await handler({} as ScheduledEvent, { getRemainingTimeInMillis: () => 60_000 } as Context);
  }

  it('evaluates over its table, by its runtime', async () => {
    const storage = new DynamoStorage({ ...table(), retention, now: Date.now });
    const from = Math.floor(Date.now() / 60_000) * 60_000 - 360_000;
    await load(storage, { 'load{i="1"}': Array(7).fill(2), 'load{i="2"}': Array(7).fill(3) }, { from });
    await invoke(table().tableName);
    const { data } = await new Engine().instantQuery(storage.querier(TENANT), 'a:sum', Date.now());
    expect(data.kind === 'vector' && data.samples.map(({ labels, value }) => `${labels} ${value}`)).toEqual([
      'a:sum 5',
    ]);
    const { state } = (await new DynamoRuleState({ ...table(), now: Date.now }).read(TENANT)) ?? {};
    expect(Object.keys(state?.groups ?? {})).toEqual(['rules0.yml;g']);
  });

  it('fails where a tenant cannot be evaluated, so that Lambda counts it', async () => {
    await expect(invoke('no-such-table')).rejects.toThrow(`cannot evaluate the rules of ${TENANT}; the log says why`);
  });
});
