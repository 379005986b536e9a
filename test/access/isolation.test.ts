import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, newApi } from '../../lib/api/app.ts';
import {
  DEFAULT_HIGH_AVAILABILITY,
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_SCOPE,
  type Tenant,
} from '../../lib/context/tenant.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { RateLimits } from '../../lib/pipeline/rate-limit.ts';
import { ReceivedMemories } from '../../lib/pipeline/received-memories.ts';
import { type IntakeDependencies, receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { TokenUses } from '../../lib/pipeline/token-uses.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { Engine } from '../../lib/promql/engine.ts';
import type { WaitingLetter } from '../../lib/queue/dead-letter-reader.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { decodeSqsRecord, encodeMessage } from '../../lib/queue/message.ts';
import { DynamoCompactionReader } from '../../lib/storage/dynamodb/dynamo-compaction-reader.ts';
import { DynamoLedger } from '../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRegisters } from '../../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoRuleState } from '../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { DynamoUsageReader } from '../../lib/storage/dynamodb/dynamo-usage-reader.ts';
import { ensureTable } from '../../lib/storage/dynamodb/ensure-table.ts';
import { type DynamoDbServer, startDynamoDbServer } from '../../local/dynamodb-server.ts';
import { get, PLAN } from '../api/fixture.ts';
import { labels, series, v1, v2 } from '../receiver/messages.ts';
import { sha256 } from '../receiver/test-tenants.ts';

/** The name of one begins with that of the other. */
const NAMES = ['acme', 'acme-2'] as const;
type Name = (typeof NAMES)[number];

const RETENTION = { normalised: { days: 2 }, derived: { days: 2 } };
const NOW = Math.floor(Date.now() / 60_000) * 60_000;

/** Everything is called alike in both; of each metric there is room for one series. */
const TENANTS = NAMES.map((name): Tenant => {
  return {
    name,
    tokens: [{ name: 'all', sha256: sha256(`${name}-token`), scopes: ['write', 'read', 'admin'] }],
    sources: [
      { name: 'main', type: 'remote_write', tokens: ['all'], scope: DEFAULT_SCOPE, ha: DEFAULT_HIGH_AVAILABILITY },
    ],
    limits: { ...DEFAULT_INTAKE_LIMITS, ...(name === 'acme' && { maxSamplesPerSecond: 1 }) },
    cardinality: { maxRequestContextsPerService: 1, maxMembersPerMetric: 1 },
  };
});

/** The same worker, receiver, API and table serve both, with every cache they have. */
describe('two tenants with the same names of everything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-isolation-'));
  const queue = new MemoryQueue();
  let server: DynamoDbServer;
  let client: DynamoDBClient;
  let api: Api;
  let intake: IntakeDependencies;
  let work: () => Promise<unknown>;

  beforeAll(async () => {
    server = await startDynamoDbServer({ folder });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    client = new DynamoDBClient({ endpoint: server.url, region: 'eu-west-1', credentials });
    await ensureTable(client, 'tributary');
    const table = { client, tableName: 'tributary', now: () => NOW };
    const storage = new DynamoStorage({ ...table, retention: RETENTION });
    const [ledger, registers] = [new DynamoLedger(table), new DynamoRegisters(table)];
    const tokenUses = new TokenUses({ registers, log: { warn: (message) => expect.unreachable(message) } });
    const worker = {
      contextualizer: new Contextualizer({ relabelConfigs: [], mappings: [RULE] }),
      tenants: TENANTS,
      storage,
      ledger,
      elections: new Elections(registers),
      firewall: new Firewall({ registers, generationMs: 2 * 86_400_000, now: () => NOW }),
      memories: new ReceivedMemories(),
    };
    work = async () => {
      const messages = queue.take().map((message) => decodeSqsRecord(recordOf(encodeMessage(message))));
      expect(await contextualizeMessages(messages, worker)).toEqual([]);
      tokenUses.noteSenders(messages, TENANTS);
      await tokenUses.settled();
    };
    intake = {
      tenants: TENANTS,
      selects: () => true,
      planVersion: 'p',
      memories: new SeriesMemories({ tenants: 2 }),
      rates: new RateLimits(() => NOW),
      queue,
      now: () => NOW,
    };
    api = newApi({
      plan: PLAN,
      tenants: TENANTS,
      storage,
      ledger,
      registers,
      ruleState: new DynamoRuleState(table),
      compaction: new DynamoCompactionReader(table),
      deadLetters: { look: async () => ({ letters: NAMES.map(letterOf), isComplete: true }) },
      usage: new DynamoUsageReader(table),
      retention: RETENTION,
      tokenUses,
      evaluationInterval: 60_000,
      engine: new Engine(),
      now: () => NOW,
      onInternalError: (error) => expect.unreachable(String(error)),
    });
    // Twice, so that whatever is remembered is used; in turns, so that it is the other's if it is shared.
    for (const minute of [2, 1]) for (const name of NAMES) await send(name, NOW - minute * 60_000);
    await work();
    for (const name of NAMES) await send(name, NOW);
    await work();
  }, 60_000);

  afterAll(async () => {
    client.destroy();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('read the values that they sent, whoever asked before', async () => {
    for (const name of [...NAMES, ...NAMES]) {
      const data = await ask(name, `query?query=count_over_time(raw_seconds_total[10m])&time=${NOW / 1000}`);
      expect([name, data]).toEqual([
        name,
        { resultType: 'vector', result: [expect.objectContaining({ value: [NOW / 1000, '3'] })] },
      ]);
      const { result } = (await ask(name, `query?query=raw_seconds_total&time=${NOW / 1000}`)) as {
        result: { value: unknown[] }[];
      };
      expect(result.map(({ value }) => value[1])).toEqual([String(sentBy(name))]);
    }
  });

  it('see their own labels, and none of the other', async () => {
    for (const name of NAMES) {
      expect(await ask(name, 'label/secret/values')).toEqual([`of-${name}`]);
      expect(await ask(name, `series?match[]={secret!=""}`)).toMatchObject([{ secret: `of-${name}` }]);
      expect(await ask(name, 'metadata')).toMatchObject({ raw_seconds_total: [{ help: `Help of ${name}.` }] });
    }
  });

  it('have a budget of series, an election and an account each', async () => {
    for (const name of NAMES) {
      const { sources } = (await ask(name, 'status/intake')) as { sources: { source: string; tally: object }[] };
      expect([name, sources]).toEqual([
        name,
        [
          expect.objectContaining({
            source: 'main',
            tally: expect.objectContaining({ accepted: 3, stored: 3, dropped: {} }),
          }),
        ],
      ]);
      expect(await ask(name, 'status/cardinality')).toMatchObject({ series: 1, dropped: {} });
      expect(await ask(name, 'status/tokens')).toMatchObject({
        tenant: name,
        tokens: [{ name: 'all', lastUsed: expect.any(String) }],
      });
    }
  });

  it('see their own dead letters, and a page of nothing else', async () => {
    for (const [i, name] of NAMES.entries()) {
      const other = NAMES[1 - i] as Name;
      expect(await ask(name, 'status/dead-letters')).toMatchObject({ count: 1, errors: [{ error: errorOf(name) }] });
      const page = await (await api.fetch(get('/status', bearer(name)))).text();
      expect(page).toContain(errorOf(name));
      expect(page).not.toContain(errorOf(other));
    }
  });

  it('have a rate each: one that is told to wait does not make the other wait', async () => {
    const flood = v1([
      series(labels('__name__', 'flood'), {
        samples: Array.from({ length: 50 }, (_, i) => ({ timestamp: NOW - i, value: 1 })),
      }),
    ]);
    const write = async (name: Name) => (await receive(requestOf(name, flood), intake)).status;
    expect([await write('acme'), await write('acme'), await write('acme-2'), await write('acme-2')]).toEqual([
      204, 503, 204, 204,
    ]);
    queue.take();
  });

  it('have no item of the table in common', async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: 'tributary' }));
    const owners = Items.map(({ pk }) => String(pk?.S).split('/')[0]);
    expect(new Set(owners)).toEqual(new Set(NAMES));
    const kinds = (name: Name) =>
      new Set(Items.flatMap(({ pk }) => (String(pk?.S).startsWith(`${name}/`) ? [String(pk?.S).split('/')[1]] : [])));
    expect(kinds('acme')).toEqual(kinds('acme-2'));
    expect([...kinds('acme')]).toEqual(expect.arrayContaining(['ledger', 'metadata', 'registers']));
  });

  it('learn nothing of each other from an error', async () => {
    for (const [name, other] of [NAMES, NAMES.toReversed()] as [Name, Name][]) {
      for (const path of [
        'query?query=(',
        'sources/main/query?query=up',
        'query?query=nothing',
        'explain?series=none',
      ]) {
        const text = await (await api.fetch(get(`/api/v1/${path}`, bearer(name)))).text();
        expect(text).not.toMatch(new RegExp(`of-${other}|${other}-token`));
      }
    }
  });

  async function ask(name: Name, path: string): Promise<unknown> {
    const response = await api.fetch(get(`/api/v1/${path}`, bearer(name)));
    const { data, error } = (await response.json()) as { data?: unknown; error?: string };
    expect(error).toBeUndefined();
    return data;
  }

  /** Of the pair each tenant has another replica, and another series. */
  async function send(name: Name, timestamp: number): Promise<void> {
    const of = labels(
      '__name__',
      'raw_seconds_total',
      '__replica__',
      name === 'acme' ? 'a' : 'b',
      'cluster',
      'eu',
      'env',
      'prod',
      'secret',
      `of-${name}`,
    );
    const metadata = { type: 'counter', help: `Help of ${name}.`, unit: '' } as const;
    const request = v2(series(of, { samples: [{ timestamp, value: sentBy(name) }], metadata }));
    // The rate of acme is tested apart.
    expect((await receive(requestOf(name, request), { ...intake, rates: new RateLimits(() => NOW) })).status).toBe(204);
  }
});

const RULE = {
  record: 'raw_seconds_total',
  expr: 'raw_seconds_total',
  matchers: [{ type: '=', name: '__name__', value: 'raw_seconds_total' }],
  steps: [],
  labels: {},
  origin: { pack: 'test', file: 'rules.yml', line: 1, group: 'g' },
} as const;

function sentBy(name: Name): number {
  return name === 'acme' ? 1 : 2;
}

function letterOf(name: Name): WaitingLetter {
  const attributes = { tenant: name, source: 'main', failure: JSON.stringify({ error: errorOf(name) }) };
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([attribute, stringValue]) => [attribute, { stringValue, dataType: 'String' }]),
  );
  return { sentAt: NOW, record: { messageId: name, body: '', messageAttributes } };
}

function errorOf(name: Name): string {
  return `Error: of ${name};`;
}

function bearer(name: Name) {
  return { authorization: `Bearer ${name}-token` };
}

function requestOf(name: Name, { headers, body }: ReturnType<typeof v1>) {
  return { method: 'POST', headers: { ...headers, ...bearer(name) }, body, receivedAt: NOW, requestId: '' };
}

/** As SQS delivers it. */
function recordOf({ body, attributes }: ReturnType<typeof encodeMessage>) {
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
  );
  return { messageId: 'm', body, messageAttributes };
}
