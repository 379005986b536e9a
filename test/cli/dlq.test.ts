import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { contextualize } from '../../functions/contextualize.ts';
import { createProgram } from '../../lib/cli/program.ts';
import type { WorkerDependencies } from '../../lib/lambda/contextualize-batch.ts';
import { intakeMessages } from '../../lib/pipeline/intake-messages.ts';
import { encodeWriteRequest } from '../../lib/prompb/encode-write-request.ts';
import { newCallSqs } from '../../lib/queue/call-sqs.ts';
import { DeadLetters } from '../../lib/queue/dead-letters.ts';
import { SqsQueue } from '../../lib/queue/sqs.ts';
import { newTally } from '../../lib/storage/ledger.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { compress } from '../../lib/wire/snappy.ts';
import { EventSource, type QueueHandler } from '../../local/event-source.ts';
import { type SqsServer, startSqsServer } from '../../local/sqs-server.ts';
import { labels, sampled } from '../receiver/messages.ts';
import { TEST_TENANTS } from '../receiver/test-tenants.ts';

const LOCAL = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const folder = mkdtempSync(join(tmpdir(), 'tributary-dlq-'));
const TENANT = 'gone\u202e';
let server: SqsServer;
let client: SQSClient;
let [raw, dead] = ['', ''];
let deliveries = 0;

beforeAll(async () => {
  server = await startSqsServer({ folder: join(folder, 'queue') });
  client = new SQSClient({ ...LOCAL, endpoint: server.url });
  dead = await create('tributary-prod-DeadLetters-X1', {});
  raw = await create('raw', {
    VisibilityTimeout: '1',
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:tributary-prod-DeadLetters-X1',
      maxReceiveCount: 2,
    }),
  });
  writeFileSync(join(folder, 'dead-letters-url'), `${dead}\n`);
});
afterAll(async () => {
  client.destroy();
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  deliveries = 0;
  for (const QueueUrl of [raw, dead]) await client.send(new PurgeQueueCommand({ QueueUrl }));
});

describe('tributary dlq', () => {
  it('lists what failed for the last time with its error, shows it, and replays it', async () => {
    await send('boom');
    await failAll();
    expect(deliveries).toBe(2);

    const [list, again] = [await run('list'), await run('list')];
    expect(list.err).toBe('');
    expect(list.out).toMatch(
      /^[0-9a-f-]{36} {2}20\S+Z {2}gone\\u\{202e\}\/main\n {4}Error: cannot contextualize for tenant gone\\u\{202e\}, source main: .*\n1 dead letters\.\n$/,
    );
    expect(again.out).toBe(list.out);

    const { out } = await run('show', list.out.slice(0, 8));
    expect(out).toMatch(
      /error +Error: cannot contextualize for .*\ndeliveries {2}2\nrequest +request-0, received 2026-11-18T/,
    );
    expect(out).toMatch(
      /counted +1 accepted, 1 selected\nholds +1 series with 1 samples and histograms\n {2}boom\{job="a"\} {2}1 samples, the last 1 at /,
    );

    const replayed = await run('replay', '--all');
    expect([replayed.err, replayed.out]).toEqual(['', expect.stringContaining('1 dead letters replayed, 0 left.')]);
    expect([await count(dead), await count(raw)]).toEqual([0, 1]);
    const seen: SQSEvent[] = [];
    await work(async (event) => {
      seen.push(event);
      return { batchItemFailures: [] };
    });
    expect(Object.keys(seen[0]?.Records[0]?.messageAttributes ?? {}).sort()).toEqual([
      'account',
      'id',
      'plan',
      'receivedAt',
      'source',
      'tenant',
    ]);
    expect((await run('list')).out).toBe('No dead letters.\n');
  });

  it('replays those that are named, and leaves the rest where it is', async () => {
    await send('one');
    await send('two');
    await failAll();
    const ids = (await run('list')).out.match(/^[0-9a-f-]{36}/gm) ?? [];
    expect((await run('replay', ids[0] ?? '')).out).toContain('1 dead letters replayed, 1 left.');
    expect((await run('list')).out).toMatch(new RegExp(`^${ids[1]}`));
    expect([await count(dead), await count(raw)]).toEqual([1, 1]);
  });

  it('says that there may be more than what was looked at', async () => {
    for (const name of ['one', 'two', 'three']) await send(name);
    await failAll();
    const more = 'There may be more: only 2 were looked at (--limit).\n';
    expect((await run('list', '--limit', '2')).out).toContain(`2 dead letters.\n${more}`);
    expect((await run('replay', '--all', '--limit', '2')).out).toContain(`2 dead letters replayed, 0 left.\n${more}`);
    expect((await run('list')).out).toMatch(/\n1 dead letters\.\n$/);
  });

  it('replays a letter once that is named twice', async () => {
    await send('one');
    await failAll();
    const [id = ''] = (await run('list')).out.match(/^[0-9a-f-]{36}/gm) ?? [];
    expect((await run('replay', id, id.slice(0, 8))).out).toContain('1 dead letters replayed, 0 left.');
    expect([await count(dead), await count(raw)]).toEqual([0, 1]);
  });

  it('lists what was set aside of a message, and sends it back like any other', async () => {
    const envelope = { id: 'r-0-aside', tenant: TENANT, source: 'main', plan: 'p', receivedAt: 1, account: '{}' };
    const error = new Error('cannot store bad{}, apart from its message', { cause: new Error('BUG: bad') });
    const timeseries = [sampled(labels('__name__', 'bad', 'job', 'a'))];
    const body = compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request'));
    await openDeadLetters().setAside({ envelope, body }, error);
    const { out } = await run('list');
    expect(out).toMatch(
      /Error: cannot store bad\{\}, apart from its message; caused by Error: BUG: bad\n1 dead letters/,
    );
    expect((await run('show', out.slice(0, 8))).out).toMatch(
      /holds +1 series with 1 samples and histograms\n {2}bad\{job="a"\}/,
    );
    expect((await run('replay', '--all')).out).toContain('1 dead letters replayed, 0 left.');
    expect([await count(dead), await count(raw)]).toEqual([0, 1]);
  });

  it('says where to name what the AWS SDK misses', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, join(folder, 'none'));
    const { code, err } = await program('dlq', 'list', '--stack', 'tributary-prod');
    vi.unstubAllEnvs();
    expect([code, err]).toEqual([
      1,
      'error: cannot list queues: Error: Region is missing; name it with --region, or in AWS_REGION\n',
    ]);
  });

  it('keeps a message when it cannot be sent back', async () => {
    await send('one');
    await failAll();
    const { code, err } = await run('replay', '--all', '--to', `${server.url}/000000000000/nowhere`);
    expect([code, err]).toEqual([1, expect.stringMatching(/cannot send to .*nowhere/)]);
    expect([await count(dead), await count(raw)]).toEqual([1, 0]);
  });

  it('shows what is no message of ours, and what died without an error', async () => {
    const MessageAttributes = { tenant: { DataType: 'String', StringValue: 'ac\u2028me' } };
    await client.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: 'hello', MessageAttributes }));
    const { out } = await run('list');
    expect(out).toMatch(/ \?\/\?\n {4}cannot decode message .*: attribute id is missing\n/);
    const shown = (await run('show', out.slice(0, 36))).out;
    expect(shown).toContain('error       no error is recorded: the function was ended');
    expect(shown).toMatch(/unreadable {2}cannot decode message/);
  });

  it('finds the queue of a stack, and says where it looked', async () => {
    const url = ['--queue-url', `${server.url}/000000000000/tributary-prod-DeadLetters-X1`];
    expect((await program('dlq', 'list', ...url)).out).toBe('No dead letters.\n');
    expect((await program('dlq', 'list')).err).toMatch(/say where: one of --queue-url, --stack and --data/);
    expect((await program('dlq', 'list', '--data', '/nowhere')).err).toMatch(
      /no local server runs with the data folder \/nowhere/,
    );
    expect((await program('dlq', 'list', '--queue-url', 'x')).err).toMatch(/"x" is no URL of a queue/);
    expect((await program('dlq', 'replay', ...url)).err).toMatch(/name dead letters by their ids, or --all/);
    expect((await run('show', 'abc')).err).toMatch(/there is no dead letter abc among 0/);
  });
});

/** Lets the worker fail with every message until all are dead letters: their tenant is gone from the configuration. */
function failAll(): Promise<void> {
  const dependencies = {
    tenants: TEST_TENANTS,
    deadLetters: openDeadLetters(),
    storage: new MemoryStorage(),
    ledger: new MemoryLedger(),
  };
  return work((event) => contextualize(event, dependencies as unknown as WorkerDependencies));
}

function openDeadLetters(): DeadLetters {
  const call = newCallSqs({ queueUrl: dead, region: LOCAL.region, credentials: () => LOCAL.credentials });
  return new DeadLetters({ call, queueUrl: dead, maxReceives: 2, now: Date.now });
}

/** Delivers until nothing is left in the queue. */
async function work(handler: QueueHandler): Promise<void> {
  const source = new EventSource({
    client,
    queueUrl: raw,
    queueArn: 'arn:aws:sqs:eu-west-1:000000000000:raw',
    mapping: {
      functionName: 'contextualize',
      batchSize: 10,
      windowSeconds: 0,
      maximumConcurrency: 1,
      timeoutMs: 10_000,
      reportsFailures: true,
    },
    handler: (event) => {
      deliveries++;
      return handler(event);
    },
    onError: (error) => {
      throw error;
    },
  });
  source.start();
  await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 10_000, interval: 50 });
  await source.stop();
}

async function send(name: string): Promise<void> {
  const call = newCallSqs({ queueUrl: raw, region: LOCAL.region, credentials: () => LOCAL.credentials });
  const origin = { id: 'request', tenant: TENANT, source: 'main', plan: 'plan-1', receivedAt: 1_795_000_000_000 };
  const account = { tally: { ...newTally(), accepted: 1, selected: 1 }, examples: [] };
  const messages = intakeMessages(origin, [sampled(labels('__name__', name, 'job', 'a'))], account);
  await new SqsQueue({ queueUrl: raw, call }).send(messages);
}

async function create(QueueName: string, Attributes: Record<string, string>): Promise<string> {
  return (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
}

/** Messages of the queue that are neither stored nor dead letters, delivered ones as well. */
async function waiting(): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: raw, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes?.[name]), 0);
}

async function count(QueueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
  return Number((await client.send(command)).Attributes?.ApproximateNumberOfMessages);
}

function run(...args: string[]) {
  return program('dlq', ...args, '--data', folder);
}

async function program(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const execute = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment: {} });
  return { code: await execute(args), out, err };
}
