import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ensureTable } from '../lib/storage/dynamodb/ensure-table.ts';
import { startDynamoDbServer } from '../local/dynamodb-server.ts';
import { startSqsServer } from '../local/sqs-server.ts';
import { firstEvent } from './coldstart-events.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
const execute = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
const TOKEN = 'coldstart';
const TABLE = 'coldstart';
/** A module that does nothing: what Node itself takes. */
const EMPTY = 'data:text/javascript,export const handler = () => ({})';

/** What bench/coldstart-probe.mjs prints. */
interface Probe {
  readonly boot: number;
  readonly import: number;
  readonly first: number;
  readonly second: number;
  readonly cpu: number;
  readonly rss: number;
  readonly status: number;
  readonly failed: number;
}

/**
 * `npm run bench -- coldstart [ROUNDS]`: size of each function's bundle, and the milliseconds from the import to the
 * first answer in a fresh process, against stand-ins of SQS and DynamoDB. The functions take turns; medians are given.
 * `ratioToEmpty` is the receiver's CPU time, first answers included, to that of a process that imports nothing.
 */
export async function run([rounds = '7']: readonly string[]): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-coldstart-'));
  const closing: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  try {
    const environment = await openSandbox(folder, (close) => closing.unshift(close));
    return await measure(folder, environment, Number(rounds));
  } finally {
    for (const close of closing) await close();
  }
}

async function openSandbox(folder: string, onOpen: (close: () => Promise<void>) => void): Promise<NodeJS.ProcessEnv> {
  const sqs = await startSqsServer({ folder: join(folder, 'sqs') });
  onOpen(() => sqs.close());
  const dynamo = await startDynamoDbServer({ folder: join(folder, 'dynamodb') });
  onOpen(() => dynamo.close());
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const table = new DynamoDBClient({ endpoint: dynamo.url, region: 'eu-west-1', credentials });
  await ensureTable(table, TABLE);
  const queue = new SQSClient({ endpoint: sqs.url, region: 'eu-west-1', credentials });
  const { QueueUrl } = await queue.send(new CreateQueueCommand({ QueueName: TABLE }));
  table.destroy();
  queue.destroy();
  const environment = {
    PATH: process.env['PATH'],
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ENDPOINT_URL_SQS: sqs.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    TABLE_NAME: TABLE,
    QUEUE_URL: QueueUrl,
    DEAD_LETTER_URL: QueueUrl,
    TRIBUTARY_WRITE_TOKEN_SHA256: sha256(TOKEN),
    TRIBUTARY_READ_TOKEN_SHA256: sha256(`${TOKEN}-reads`),
  };
  await execute('node', ['build.mjs', join(folder, 'dist')], { cwd: root, env: { ...process.env, ...environment } });
  return environment;
}

async function measure(folder: string, env: NodeJS.ProcessEnv, rounds: number): Promise<Record<string, unknown>> {
  const dist = join(folder, 'dist');
  const names = readdirSync(join(root, 'functions')).map((file) => basename(file, '.ts'));
  const probes = new Map<string, Probe[]>([['(nothing)', []], ...names.map((name): [string, Probe[]] => [name, []])]);
  for (let round = 0; round < rounds; round++) {
    for (const [name, list] of probes) {
      const bundle = name === '(nothing)' ? EMPTY : join(dist, `${name}.mjs`);
      list.push(await probe(bundle, name === '(nothing)' ? {} : firstEvent(name, TOKEN), env));
    }
  }
  const rows = [...probes].map(([name, list]) => ({ function: name, ...sizes(dist, name), ...medians(list) }));
  const byName = new Map(rows.map((row) => [row.function, row]));
  const receiver = byName.get('remote-write');
  return {
    table: rows,
    rounds,
    remoteWriteMs: receiver?.['import+first'],
    remoteWriteKilobytes: receiver?.kB,
    ratioToEmpty: round1((receiver?.cpu ?? 0) / (byName.get('(nothing)')?.cpu ?? 1)),
  };
}

async function probe(bundle: string, event: unknown, env: NodeJS.ProcessEnv): Promise<Probe> {
  const script = join(import.meta.dirname, 'coldstart-probe.mjs');
  const { stdout } = await execute('node', [script, bundle, JSON.stringify(event)], { env, timeout: 60_000 });
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Probe;
  if (result.status >= 400 || result.failed > 0) throw new Error(`${bundle} does not answer its event: ${stdout}`);
  return result;
}

function sizes(dist: string, name: string) {
  if (name === '(nothing)') return { kB: 0, 'kB gzip': 0 };
  const file = join(dist, `${name}.mjs`);
  return {
    kB: Math.round(statSync(file).size / 1024),
    'kB gzip': Math.round(gzipSync(readFileSync(file)).length / 1024),
  };
}

function medians(probes: readonly Probe[]) {
  const median = (of: (probe: Probe) => number) =>
    round1(probes.map(of).sort((a, b) => a - b)[probes.length >> 1] ?? 0);
  return {
    import: median((one) => one.import),
    first: median((one) => one.first),
    'import+first': median((one) => one.import + one.first),
    second: median((one) => one.second),
    cpu: median((one) => one.cpu),
    'rss MiB': median((one) => one.rss / 2 ** 20),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
