import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { contextualizeMessages } from '../lib/pipeline/contextualize.ts';
import { ensureTable } from '../lib/storage/dynamodb/ensure-table.ts';
import { contextualizePlainly } from '../test/pipeline/contextualize-plainly.ts';
import { cpuSecondsOf, median, NO_CLIENT, newWorkerParts, round, samplesIn, type Work } from './worker-parts.ts';
import { planOfAllPacks, SCRAPE_INTERVAL_MS, type Scrape, WorkerTraffic } from './worker-traffic.ts';

const SERIES = 20_000;
const SCRAPES = 4;
const ROUNDS = 9;

/**
 * `npm run bench -- worker`: CPU seconds of the worker for a million selected samples of series that it knows: decoding,
 * relabel configs and mapping rules of all packs, cardinality budgets, block packing. Without a client of AWS; with the
 * SDK's client writing to a stand-in for DynamoDB (a process of its own, not counted); and the naive form, which takes
 * every message apart with protobufjs and looks every series up by the text of its labels. Contenders take turns.
 */
export async function run(): Promise<Record<string, unknown>> {
  const plan = planOfAllPacks();
  const traffic = new WorkerTraffic(plan);
  const now = Date.now();
  const scrapes: Scrape[] = [];
  for (let i = SCRAPES; i > 0; i--) scrapes.push(await traffic.scrape(SERIES, now - i * SCRAPE_INTERVAL_MS));
  const table = await startTable();
  const contenders: readonly (readonly [string, Work, ReturnType<typeof newWorkerParts>])[] = [
    ['worker', contextualizeMessages, newWorkerParts(plan, NO_CLIENT)],
    ['worker with client', contextualizeMessages, newWorkerParts(plan, table.client)],
    ['naive', contextualizePlainly, newWorkerParts(plan, NO_CLIENT)],
  ];
  const figures = new Map<string, number[]>(contenders.map(([name]) => [name, []]));
  try {
    for (let i = -2; i < ROUNDS; i++) {
      for (const [name, work, parts] of contenders) {
        const figure = ((await cpuSecondsOf(work, parts, scrapes)) / samplesIn(scrapes)) * 1e6;
        // The first rounds are for the compiler and the caches.
        if (i >= 0) figures.get(name)?.push(figure);
      }
    }
  } finally {
    table.stop();
  }
  const of = (name: string) => figures.get(name) ?? [];
  const ratios = of('worker').map((figure, i) => figure / (of('naive')[i] ?? Number.NaN));
  return {
    table: contenders.map(([name]) => ({ contender: name, 'CPU-s / M selected samples': round(median(of(name))) })),
    cpuSecondsPerMillion: round(median(of('worker'))),
    withClient: round(median(of('worker with client'))),
    naive: round(median(of('naive'))),
    ratioToNaive: round(median(ratios)),
    samplesPerInvocation: samplesIn(scrapes) / SCRAPES,
    node: process.version,
  };
}

async function startTable(): Promise<{ readonly client: DynamoDBClient; readonly stop: () => void }> {
  const child = fork(join(import.meta.dirname, 'worker-table.ts'), { stdio: 'inherit' });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ region: 'eu-west-1', endpoint: url, credentials });
  await ensureTable(client, 'bench');
  return {
    client,
    stop: () => {
      client.destroy();
      child.disconnect();
    },
  };
}
