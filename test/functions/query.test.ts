import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_INTAKE_LIMITS } from '../../lib/context/tenant.ts';
import { preparePlan } from '../../lib/pipeline/evaluate/prepared-plan.ts';
import { storedRules } from '../../lib/pipeline/query-source-rules.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { planOf } from '../plan/fixture.ts';
import { type FakeServer, LOCAL_ACCESS, startFakeServer } from '../remote/fake-server.ts';
import { startDynalite } from '../storage/dynamodb/start-dynalite.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context;
const PLAN = planOf('app:a = a_total\nout = sum by (pod) (rate(app:a[5m]))\nslow = avg_over_time(out[1h])');

describe('the handler of functions/query', () => {
  const table = startDynalite();
  const folder = mkdtempSync(join(tmpdir(), 'tributary-query-function-'));
  const retention = { normalised: { days: 2 }, derived: { days: 400 } };
  let server: FakeServer;

  beforeAll(async () => {
    server = await startFakeServer(({ url, headers, body }, response) => {
      if (headers.authorization !== 'Bearer from the environment') return response.writeHead(401).end();
      if (url.pathname.includes('__name__')) return response.end('{"status":"success","data":["a_total"]}');
      const time = Number(new URLSearchParams(body.toString()).get('time'));
      const result = [{ metric: { pod: 'p', env: 'e' }, value: [time, '2.5'] }];
      return response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
  });
  afterEach(() => void vi.unstubAllEnvs());
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A fresh instance of the function, as Lambda starts one. */
  async function invoke(event: object, tableName = table().tableName) {
    const source = {
      name: 'prom',
      type: 'query',
      url: server.url,
      interval: 60_000,
      timeout: 2000,
      delay: 0,
      maxCatchUp: 3600_000,
      access: { ...LOCAL_ACCESS, auth: { type: 'bearer', token: '${env:PROMETHEUS_TOKEN}' } },
      limits: DEFAULT_ANSWER_LIMITS,
      scope: { env: { labels: ['env'] }, site: { labels: [] } },
    };
    const tenants = [{ name: 'shop', tokens: [], sources: [source], limits: DEFAULT_INTAKE_LIMITS }];
    const query = { features: [], corsOrigins: [] };
    writeFileSync(join(folder, 'runtime.json'), JSON.stringify({ plan: PLAN, tenants, retention, query }));
    const { hostname, port } = (await table().client.config.endpoint?.()) ?? { hostname: '', port: 0 };
    const environment = {
      TRIBUTARY_RUNTIME: join(folder, 'runtime.json'),
      TABLE_NAME: tableName,
      PROMETHEUS_TOKEN: 'from the environment',
      AWS_ENDPOINT_URL_DYNAMODB: `http://${hostname}:${port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    vi.resetModules();
    const { handler } = await import('../../functions/query.ts');
    return handler(event as ScheduledEvent, CONTEXT);
  }

  it('stores results in its table, once for each time, with secrets of its environment', async () => {
    expect(await invoke({ time: '2026-05-04T10:11:12Z' })).toBeUndefined();
    const asked = server.seen.length;
    expect(asked).toBe(2);
    const storage = new DynamoStorage({ ...table(), retention, now: Date.now });
    const { data } = await new Engine().instantQuery(storage.querier('shop'), '{__name__=~".+"}', Date.now());
    expect(data.kind === 'vector' && data.samples.map(({ labels, value }) => `${labels} ${value}`)).toEqual([
      'out{pod="p"} 2.5',
    ]);
    await invoke({});
    // Another minute may have begun in between; the same one is never asked for twice.
    expect(server.seen.length - asked).toBeLessThanOrEqual(2);
  });

  it('answers one question when it is invoked with one', async () => {
    const answer = await invoke({ tenant: 'shop', source: 'prom', query: 'a_total', time: 60 });
    expect(answer?.data).toEqual({
      resultType: 'vector',
      result: [{ metric: { env: 'e', pod: 'p' }, value: [60, '2.5'] }],
    });
    await expect(invoke({ tenant: 'shop', source: 'none', query: 'a' })).rejects.toThrow(/no such query source/);
  });

  it('fails where results cannot be stored', async () => {
    await expect(invoke({}, 'no-such-table')).rejects.toThrow(
      'cannot store the results of shop/prom; they are due again',
    );
  });
});

describe('the evaluator', () => {
  it('runs for tenants of query sources only what reads stored results', () => {
    const tenant = { name: 'shop', tokens: [], limits: DEFAULT_INTAKE_LIMITS };
    const source = { type: 'query', name: 'prom' } as never;
    const plans = storedRules(
      PLAN,
      [
        { ...tenant, sources: [source] },
        { ...tenant, name: 'sent', sources: [] },
      ],
      {
        interval: 60_000,
      },
    );
    expect([...plans.keys()]).toEqual(['shop']);
    const records = (plan: ReturnType<typeof preparePlan>) =>
      plan.groups.flatMap(({ rules }) => rules.map(({ rule }) => rule.kind === 'recording' && rule.record));
    expect([...plans.values()].flatMap(records)).toEqual(['slow']);
    expect(records(preparePlan(PLAN, { interval: 60_000 }))).toEqual(['out', 'slow']);
  });
});
