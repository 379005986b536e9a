import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newApi } from '../../lib/api/app.ts';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_INTAKE_LIMITS, type QuerySource } from '../../lib/context/tenant.ts';
import { progressKey, querySources } from '../../lib/pipeline/query-source.ts';
import { querySourceDependencies } from '../../lib/pipeline/query-source-dependencies.ts';
import { scrape } from '../../lib/pipeline/scrape.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { newCallSqs } from '../../lib/queue/call-sqs.ts';
import { SqsQueue } from '../../lib/queue/sqs.ts';
import { DynamoLedger } from '../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRuleState } from '../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { type DynamoDbServer, startDynamoDbServer } from '../../local/dynamodb-server.ts';
import { type SqsServer, startSqsServer } from '../../local/sqs-server.ts';
import { dependenciesOf, tenantWithTokens } from '../api/fixture.ts';
import { series } from '../model/series.ts';
import { counter, rawStorage } from '../pipeline/query-source-fixture.ts';
import { scrapeFixture, sourceOf } from '../pipeline/scrape-fixture.ts';
import { planOf } from '../plan/fixture.ts';
import { type FakeServer, LOCAL_ACCESS, startFakeServer } from '../remote/fake-server.ts';
import { dieAtEveryCall } from './die-at-every-call.ts';
import { at, newTable, RETENTION, stored, takeAll } from './mortal-world.ts';

const MINUTE = 60_000;
const T = 29_000_000 * MINUTE;
const NOW = T + 20 * MINUTE + 40_000;

/** As `die-at-every-call.test.ts`, of the functions that read the user's servers. */
describe('whatever call is the last of a reader, its next invocation makes up for it:', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-readers-'));
  let dynamo: DynamoDbServer;
  let sqs: SqsServer;
  let user: FakeServer;

  beforeAll(async () => {
    dynamo = await startDynamoDbServer({ folder: join(folder, 'tables') });
    sqs = await startSqsServer({ folder: join(folder, 'queue') });
    user = await startUser();
  });
  afterAll(async () => {
    await user.close();
    await dynamo.close();
    await sqs.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('federation', async () => {
    const client = new SQSClient({ endpoint: sqs.url });
    let queues = 0;
    const deaths = await dieAtEveryCall({
      endpoint: sqs.url,
      begin: async () => (await client.send(new CreateQueueCommand({ QueueName: `q${++queues}` }))).QueueUrl ?? '',
      invoke: (url, endpoint) => {
        const queueUrl = url.replace(sqs.url, endpoint);
        const credentials = () => ({ accessKeyId: 'local', secretAccessKey: 'local' });
        const queue = new SqsQueue({ queueUrl, call: newCallSqs({ queueUrl, region: 'eu-west-1', credentials }) });
        const { deps } = scrapeFixture([sourceOf([user.url])]);
        return scrape(T, 10_000, { ...deps, queue });
      },
      // The same parts under the same names, each once or more often: the worker does the rest.
      see: async (url) => {
        const messages = await takeAll(client, url);
        const parts = messages.map(({ envelope: { id, account }, body }) => ({ id, account, bytes: [...body] }));
        return new Set(parts.map((part) => JSON.stringify(part)));
      },
    });
    client.destroy();
    expect(deaths).toBeGreaterThanOrEqual(2);
  }, 300_000);

  it('query', async () => {
    const source = querySource(user.url);
    const tenant = { name: 'shop', tokens: [], sources: [source], limits: DEFAULT_INTAKE_LIMITS };
    const deaths = await dieAtEveryCall({
      endpoint: dynamo.url,
      begin: () => newTable(dynamo.url),
      invoke: (tableName, endpoint) => {
        const table = at(tableName, endpoint, NOW);
        const deps = querySourceDependencies({
          plan: planOf('app:a = a_total\na = sum by (asserts_env) (rate(app:a[5m]))'),
          tenants: [tenant],
          storage: new DynamoStorage({ ...table, retention: RETENTION }),
          ledger: new DynamoLedger(table),
          progress: new DynamoRuleState(table),
          engine: new Engine(),
          secret: (text) => text,
          now: table.now,
        });
        return querySources(20_000, deps);
      },
      see: async (tableName) => {
        const table = at(tableName, dynamo.url, NOW);
        const { state } = (await new DynamoRuleState(table).read(progressKey({ tenant, source }))) ?? {};
        const [account] = await new DynamoLedger(table).totals('shop', NOW - 60 * MINUTE, NOW + MINUTE);
        return {
          stored: await stored(table, 'shop', NOW),
          evaluatedTo: state?.evaluatedTo,
          counted: account?.tally.stored,
        };
      },
    });
    expect(deaths).toBeGreaterThanOrEqual(6);
  }, 300_000);
});

function querySource(url: string): QuerySource {
  return {
    name: 'prom',
    type: 'query',
    url,
    interval: MINUTE,
    timeout: 5000,
    delay: 30_000,
    maxCatchUp: 10 * MINUTE,
    access: LOCAL_ACCESS,
    limits: DEFAULT_ANSWER_LIMITS,
    scope: { env: { labels: ['env'] }, site: { labels: [] } },
  };
}

/** Our own API in the place of the user's Prometheus, with a page of /federate that stays the same. */
async function startUser(): Promise<FakeServer> {
  const times = Array.from({ length: 400 }, (_, i) => T + i * 15_000 + 3000);
  const storage = await rawStorage([counter(series('a_total{env="e",pod="x"}'), times, 3)]);
  const tenants = [tenantWithTokens('user')];
  const api = newApi(dependenciesOf({ storage, engine: new Engine(), tenants, anonymousTenant: 'user' }));
  const scraped = Date.now();
  return startFakeServer(async ({ method, url, headers, body }, response) => {
    if (new URL(url).pathname === '/federate') {
      response.end(`# TYPE up gauge\nup{instance="a",env="e"} 1 ${scraped}\nup{instance="b",env="e"} 0 ${scraped}\n`);
      return;
    }
    const type = headers['content-type'];
    const init = { method, headers: type === undefined ? {} : { 'content-type': type } };
    const answer = await api.fetch(
      new Request(url, method === 'POST' ? { ...init, body: new Uint8Array(body) } : init),
    );
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
}
