import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../../lib/context/tenant.ts';
import { Matcher } from '../../lib/model/matcher.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { compactTenants } from '../../lib/pipeline/compact.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { preparePlan } from '../../lib/pipeline/evaluate/prepared-plan.ts';
import { evaluateTenants } from '../../lib/pipeline/evaluate.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { newCallSqs } from '../../lib/queue/call-sqs.ts';
import type { Queue, QueueMessage } from '../../lib/queue/interface.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { SqsQueue } from '../../lib/queue/sqs.ts';
import { DynamoCompactable } from '../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoLedger } from '../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRegisters } from '../../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoRuleState } from '../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { sha256Of } from '../../local/data-folder.ts';
import { type DynamoDbServer, startDynamoDbServer } from '../../local/dynamodb-server.ts';
import { type SqsServer, startSqsServer } from '../../local/sqs-server.ts';
import { planOfRules } from '../pipeline/evaluate/run-rules.ts';
import { labels, series, v1 } from '../receiver/messages.ts';
import { dieAtEveryCall } from './die-at-every-call.ts';
import { at, newTable, RETENTION, stored, takeAll } from './mortal-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T = 1_795_000_000_000 - (1_795_000_000_000 % (2 * HOUR));

const PLAN = planOfRules(`
groups:
  - name: g
    rules:
      - {record: "shop:orders:total", expr: orders_total}
      - {record: "shop:orders:rate", expr: "sum by (shop) (rate(shop:orders:total[5m]))"}
      - {alert: Busy, expr: "shop:orders:rate > 0", for: 2m}
`);

const TENANT: Tenant = {
  name: 'acme',
  tokens: [{ name: 'writer', sha256: sha256Of('secret'), scopes: ['write'] }],
  sources: [{ name: 'push', type: 'remote_write', tokens: ['writer'], scope: DEFAULT_SCOPE }],
  limits: { ...DEFAULT_INTAKE_LIMITS, maxSampleAgeMs: 1e13 },
};

/** A function may be killed by its time-out, or by a machine that goes away, between any two of its calls. */
describe('whatever call is the last of an invocation, nothing is lost or doubled:', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-deaths-'));
  let dynamo: DynamoDbServer;
  let sqs: SqsServer;
  let worlds = 0;

  beforeAll(async () => {
    dynamo = await startDynamoDbServer({ folder: join(folder, 'tables') });
    sqs = await startSqsServer({ folder: join(folder, 'queue') });
  });
  afterAll(async () => {
    await dynamo.close();
    await sqs.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('remote-write', async () => {
    const client = new SQSClient({ endpoint: sqs.url });
    const deaths = await dieAtEveryCall({
      endpoint: sqs.url,
      begin: async () => {
        const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `q${++worlds}` }));
        return { QueueUrl };
      },
      // A sender repeats what got no answer.
      invoke: ({ QueueUrl }, endpoint) => {
        const queueUrl = QueueUrl.replace(sqs.url, endpoint);
        const credentials = () => ({ accessKeyId: 'local', secretAccessKey: 'local' });
        const call = newCallSqs({ queueUrl, region: 'eu-west-1', credentials });
        return receive(requestAt(0), receiver(new SqsQueue({ queueUrl, call })));
      },
      see: async ({ QueueUrl }) => worked(await takeAll(client, QueueUrl)),
    });
    client.destroy();
    expect(deaths).toBeGreaterThanOrEqual(2);
  }, 300_000);

  it('contextualize', async () => {
    const messages = await messagesOf(0);
    const deaths = await dieAtEveryCall({
      endpoint: dynamo.url,
      begin: () => newTable(dynamo.url),
      invoke: async (tableName, endpoint) => {
        const failures = await contextualizeMessages(messages, worker(tableName, endpoint));
        if (endpoint === dynamo.url) expect(failures).toEqual([]);
      },
      see: async (tableName) => {
        const table = at(tableName, dynamo.url, T + MINUTE);
        const [source] = await new DynamoLedger(table).totals('acme', T - HOUR, T + HOUR);
        return { stored: await stored(table, 'acme', T), tally: source?.tally };
      },
    });
    expect(deaths).toBeGreaterThanOrEqual(8);
  }, 300_000);

  it('evaluate', async () => {
    const messages = await messagesOf(0, 1, 2, 3, 4, 5);
    const now = T + 6 * MINUTE;
    const deaths = await dieAtEveryCall({
      endpoint: dynamo.url,
      begin: async () => {
        const tableName = await newTable(dynamo.url);
        await contextualizeMessages(messages, worker(tableName, dynamo.url));
        return tableName;
      },
      invoke: (tableName, endpoint) => evaluate(tableName, endpoint, now),
      see: async (tableName) => {
        const table = at(tableName, dynamo.url, now);
        const { state } = (await new DynamoRuleState(table).read('acme')) ?? {};
        const withoutTimes = JSON.stringify(state, (key, value: unknown) => (key === 'evaluationSeconds' ? 0 : value));
        return { stored: await stored(table, 'acme', T), state: withoutTimes };
      },
    });
    expect(deaths).toBeGreaterThanOrEqual(10);
  }, 300_000);

  it('compact', async () => {
    const batches = [await messagesOf(0, 1), await messagesOf(2, 3), await messagesOf(1, 2, 4)];
    const now = T + 5 * HOUR;
    const deaths = await dieAtEveryCall({
      endpoint: dynamo.url,
      begin: async () => {
        const tableName = await newTable(dynamo.url);
        for (const batch of batches) await contextualizeMessages(batch, worker(tableName, dynamo.url));
        return tableName;
      },
      invoke: (tableName, endpoint) => {
        const storage = new DynamoCompactable({ ...at(tableName, endpoint, now), retention: RETENTION });
        return compactTenants({ tenants: [TENANT], storage, now: () => now }, now + 1);
      },
      see: async (tableName) => {
        const table = at(tableName, dynamo.url, now);
        const storage = new DynamoCompactable({ ...table, retention: RETENTION });
        const { epochs } = await storage.compactor('acme', 'normalised').backlog();
        return { stored: await stored(table, 'acme', T), epochs };
      },
    });
    expect(deaths).toBeGreaterThanOrEqual(10);
  }, 300_000);
});

function worker(tableName: string, endpoint: string) {
  const table = at(tableName, endpoint, T + MINUTE);
  const registers = new DynamoRegisters(table);
  return {
    contextualizer: new Contextualizer(PLAN),
    tenants: [TENANT],
    storage: new DynamoStorage({ ...table, retention: RETENTION }),
    ledger: new DynamoLedger(table),
    elections: new Elections(registers),
    firewall: new Firewall({ registers, generationMs: 48 * HOUR, now: table.now }),
  };
}

function evaluate(tableName: string, endpoint: string, now: number) {
  const table = at(tableName, endpoint, now);
  const settings = { interval: MINUTE, delay: 0, maxCatchUp: 5 * MINUTE };
  return evaluateTenants(
    {
      plan: preparePlan(PLAN, settings),
      tenants: [TENANT],
      settings,
      storage: new DynamoStorage({ ...table, retention: RETENTION }),
      ruleState: new DynamoRuleState(table),
      engine: new Engine(),
      externalUrl: '',
      now: table.now,
    },
    now + HOUR,
  );
}

/** A remote-write request with a sample of each of a few series, minutes after T. */
function requestAt(minute: number) {
  const { headers, body } = v1(
    ['a', 'b', 'c'].map((shop, i) =>
      series(labels('__name__', 'orders_total', 'env', 'prod', 'shop', shop), {
        samples: [{ timestamp: T + minute * MINUTE, value: 10 * minute + i }],
      }),
    ),
  );
  const authorization = 'Bearer secret';
  return { method: 'POST', headers: { ...headers, authorization }, body, receivedAt: T, requestId: '' };
}

function receiver(queue: Queue) {
  const now = () => T + 6 * MINUTE;
  const selects = newSelection(PLAN);
  return { tenants: [TENANT], selects, planVersion: PLAN.version, memories: new SeriesMemories(), queue, now };
}

async function messagesOf(...minutes: number[]): Promise<readonly QueueMessage[]> {
  const queue = new MemoryQueue();
  for (const minute of minutes)
    expect(await receive(requestAt(minute), receiver(queue))).toMatchObject({ status: 204 });
  return queue.take();
}

/** What becomes of the messages. */
async function worked(messages: readonly QueueMessage[]) {
  const [storage, ledger, registers] = [new MemoryStorage(), new MemoryLedger(), new MemoryRegisters()];
  const firewall = new Firewall({ registers, generationMs: 48 * HOUR, now: () => T });
  const contextualizer = new Contextualizer(PLAN);
  const dependencies = {
    contextualizer,
    tenants: [TENANT],
    storage,
    ledger,
    elections: new Elections(registers),
    firewall,
  };
  expect(await contextualizeMessages(messages, dependencies)).toEqual([]);
  const found = await storage
    .querier('acme')
    .select({ mint: T - HOUR, maxt: T + HOUR }, new Matcher('=~', '__name__', '.+'));
  const [source] = await ledger.totals('acme', T - HOUR, T + HOUR);
  return { stored: found.map(({ labels: of, floats }) => `${of} ${[...floats.values]}`).sort(), tally: source?.tally };
}
