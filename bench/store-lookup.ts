import { Labels } from '../lib/model/labels.ts';
import { Matcher } from '../lib/model/matcher.ts';
import { DynamoCompactable } from '../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoReader } from '../lib/storage/dynamodb/dynamo-reader.ts';
import { DynamoWriter } from '../lib/storage/dynamodb/dynamo-writer.ts';
import { CountingTable } from './counting-table.ts';
import { START } from './day-of-samples.ts';

const SERIES = 1_000_000;
const SERIES_PER_COMMIT = 4000;
const METRICS = 200;
const DAY_MS = 24 * 3600_000;
const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };

/** A million series of one day in one tenant; one pod's are looked up by its label alone, by a cold reader. */
export async function measureLookup(count = SERIES) {
  let now = START + 3600_000;
  const table = new CountingTable();
  const settings = { client: table.client, tableName: table.tableName, retention: RETENTION, now: () => now };
  // Each commit by a writer of its own, so that none remembers a million series.
  for (let begin = 0; begin < count; begin += SERIES_PER_COMMIT) {
    const appender = new DynamoWriter({ ...settings, client: writesOnly(table) }).appender('bench', 'derived');
    for (let i = begin; i < begin + SERIES_PER_COMMIT; i++) appender.append(labelsOf(i), { timestamp: now, value: i });
    await appender.commit();
    now += 1000;
  }
  now = START + DAY_MS + 3 * 3600_000;
  const compactor = new DynamoCompactable(settings).compactor('bench', 'derived');
  while ((await compactor.step()).kind !== 'idle');
  now += 30 * 60_000;
  table.takeUsage();
  const querier = new DynamoReader(settings).querier('bench');
  const matcher = new Matcher('=', 'pod', 'shop-1234-7d9f8b6c5');
  const hints = { mint: START, maxt: START + DAY_MS - 1 };
  const memory = heapBytes();
  const coldBegun = performance.now();
  const found = await querier.series(hints, matcher);
  const coldMs = Math.round(performance.now() - coldBegun);
  const memoryMb = Math.round((heapBytes() - memory) / 1e6);
  const { requests, bytesRead } = table.takeUsage();
  const warmBegun = performance.now();
  await querier.series(hints, matcher);
  const warmMs = Math.round(performance.now() - warmBegun);
  const warmRequests = table.takeUsage().requests;
  return { series: count, found: found.length, requests, bytesRead, coldMs, memoryMb, warmRequests, warmMs };
}

function labelsOf(i: number): Labels {
  const pod = Math.floor(i / METRICS);
  return Labels.from({
    __name__: `asserts:metric_${i % METRICS}_total`,
    asserts_env: 'prod',
    asserts_site: 'eu-west-1',
    instance: `10.${pod >> 8}.${pod & 255}.1:8080`,
    job: `shop-service-${pod % 40}`,
    namespace: `team-${pod % 12}`,
    pod: `shop-${pod}-7d9f8b6c5`,
    service: `shop-service-${pod % 40}`,
  });
}

/** Writers read what is known of a day; here each would read all that was written before. */
function writesOnly(table: CountingTable) {
  const send = async (command: { readonly constructor: { readonly name: string } }) =>
    command.constructor.name === 'QueryCommand' ? {} : table.client.send(command as never);
  return { send } as unknown as CountingTable['client'];
}

function heapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
