import { createHash } from 'node:crypto';
import { describeBill } from '../lib/cli/cost/describe-bill.ts';
import { loadPacks } from '../lib/config/compile-runtime.ts';
import { loadConfig } from '../lib/config/load-config.ts';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../lib/context/tenant.ts';
import { costOf, DEFAULT_WORKLOAD } from '../lib/cost/cost-model.ts';
import type { MeasuredUnits } from '../lib/cost/measured-units.ts';
import { RECORDED_UNITS } from '../lib/cost/recorded-units.ts';
import { Firewall } from '../lib/pipeline/cardinality/firewall.ts';
import { contextualizeMessages } from '../lib/pipeline/contextualize.ts';
import { Elections } from '../lib/pipeline/elections.ts';
import { receive } from '../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../lib/pipeline/series-memories.ts';
import { compilePlan } from '../lib/plan/compile-plan.ts';
import { Contextualizer } from '../lib/plan/contextualizer.ts';
import { newSelection } from '../lib/plan/selection.ts';
import { encodeWriteRequest } from '../lib/prompb/encode-write-request.ts';
import type { QueueMessage } from '../lib/queue/interface.ts';
import { encodeMessage } from '../lib/queue/message.ts';
import { DynamoStorage } from '../lib/storage/dynamodb/dynamo-storage.ts';
import { MemoryLedger } from '../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../lib/storage/memory/memory-registers.ts';
import { compress } from '../lib/wire/snappy.ts';
import { measureWrites } from './cost-writes.ts';
import { CountingTable } from './counting-table.ts';
import { compactLog, cpuMs, START, writeLog } from './day-of-samples.ts';
import { scrapeTraffic, type TrafficSeries } from './scrape-traffic.ts';
import { measureDay } from './store-compaction.ts';

const SERIES = [10_000, 100_000, 1_000_000];
const TOKEN = 'bench';
/** What `serverless.yml` gathers for one commit. */
const WINDOW_MS = 5000;
/** Of which the fastest counts. */
const COMPACTIONS = 4;
const REQUEST_SAMPLES = 10_000;
const REQUESTS = 12;
const STEP_MS = 15_000;
const COMMIT_SIZES = RECORDED_UNITS.writeUnitsPerThousand.map(({ samples }) => samples);
const RETENTION = { normalised: { days: 2 }, derived: { days: 400 } };
/** The rest of a bench's traffic is what no rule uses. */
const SELECTED_SHARE = 0.1;

/** Measures the units that a bill is made of, and prints the bills of three sizes. */
export async function run(): Promise<Record<string, unknown>> {
  const units = { ...(await measurePipeline()), ...(await measureWrites(COMMIT_SIZES)), ...(await measureStore()) };
  const bills = SERIES.map((activeSeries) => costOf({ ...DEFAULT_WORKLOAD, activeSeries }, units));
  for (const bill of bills) console.log(describeBill(bill));
  const middle = bills[1] as (typeof bills)[number];
  return {
    table: compareUnits(units),
    drifted: driftedUnits(units),
    units,
    dollarsAMonth: Object.fromEntries(bills.map((bill) => [bill.workload.activeSeries, round(bill.total)])),
    ratioToAmp: round(middle.total / middle.managedPrometheus),
  };
}

/** CPU depends on the machine and on what else it does; sizes do not. */
const CPU_DRIFT = 0.3;
const SIZE_DRIFT = 0.05;

/** Each unit as it is recorded and as it is now; `drifted` where lib/cost/recorded-units.ts should be written anew. */
function compareUnits(units: MeasuredUnits) {
  const recorded = flatUnits(RECORDED_UNITS);
  return Object.entries(flatUnits(units)).map(([unit, measured]) => {
    const change = measured / (recorded[unit] ?? Number.NaN) - 1;
    const allowed = unit.includes('Cpu') ? CPU_DRIFT : SIZE_DRIFT;
    return { unit, recorded: recorded[unit], measured, drifted: !(Math.abs(change) <= allowed) };
  });
}

function driftedUnits(units: MeasuredUnits): string[] {
  return compareUnits(units).flatMap(({ unit, drifted }) => (drifted ? [unit] : []));
}

function flatUnits({ writeUnitsPerThousand, ...rest }: MeasuredUnits): Record<string, number> {
  const writes = writeUnitsPerThousand.map(({ samples, units }) => [`write units of ${samples} samples`, units]);
  return { ...rest, ...Object.fromEntries(writes) };
}

/** From the body of a request to the store, in one process: CPU of the receiver and of the worker, bytes of messages. */
async function measurePipeline() {
  const plan = compilePlan({ packs: loadPacks(loadConfig('tributary.yml', { environment: {} })) });
  const tenant: Tenant = {
    name: 'bench',
    tokens: [{ name: 'load', sha256: createHash('sha256').update(TOKEN).digest('hex'), scopes: ['write'] }],
    sources: [{ name: 'main', type: 'remote_write', tokens: ['load'], scope: DEFAULT_SCOPE }],
    limits: DEFAULT_INTAKE_LIMITS,
  };
  const messages: QueueMessage[] = [];
  const intake = {
    tenants: [tenant],
    selects: newSelection(plan),
    planVersion: plan.version,
    memories: new SeriesMemories(),
    queue: { send: async (sent: readonly QueueMessage[]) => void messages.push(...sent) },
    now: () => START + REQUESTS * STEP_MS,
  };
  const bodies = Array.from({ length: REQUESTS }, (_, i) => requestBody(START + i * STEP_MS));
  let receiverMs = 0;
  for (const [i, body] of bodies.entries()) {
    const begun = cpuMs();
    const { status, body: answer } = await receive(requestOf(body), intake);
    if (status >= 300) throw new Error(`cannot measure the receiver: it answers ${status} ${answer}`);
    // The first requests warm up, as the first of a Lambda instance do.
    if (i >= REQUESTS / 2) receiverMs += cpuMs() - begun;
  }
  const selected = tallyOf(messages);
  const bytes = messages.reduce((sum, message) => sum + encodeMessage(message).body.length, 0);
  const table = new CountingTable();
  const worker = {
    contextualizer: new Contextualizer(plan),
    tenants: [tenant],
    storage: new DynamoStorage({
      client: table.client,
      tableName: table.tableName,
      retention: RETENTION,
      now: intake.now,
    }),
    ledger: new MemoryLedger(),
    elections: new Elections(new MemoryRegisters()),
    firewall: new Firewall({ registers: new MemoryRegisters(), generationMs: 86_400_000, now: Date.now }),
  };
  const half = messages.slice(messages.length / 2);
  await contextualizeMessages(messages.slice(0, messages.length / 2), worker);
  const begun = cpuMs();
  const failures = await contextualizeMessages(half, worker);
  if (failures[0] !== undefined) throw failures[0].error;
  return {
    receiverCpuPerMillion: round((receiverMs / 1000 / ((REQUESTS / 2) * REQUEST_SAMPLES)) * 1e6),
    queueBytesPerSample: round(bytes / selected),
    workerCpuPerMillion: round(((cpuMs() - begun) / 1000 / tallyOf(half)) * 1e6),
  };
}

/** A tenth are series that the rules of this project use, under their raw names; the others nobody uses. */
function requestBody(timestamp: number): Uint8Array {
  const used = Math.round(REQUEST_SAMPLES * SELECTED_SHARE);
  const timeseries = Array.from({ length: REQUEST_SAMPLES }, (_, i) => {
    const labels = {
      __name__: i < used ? 'http_server_requests_seconds_count' : `jvm_buffer_count_buffers_${i % 40}`,
      asserts_env: 'prod',
      instance: `10.0.${i % 250}.17:8080`,
      job: `shop-service-${i % 9}`,
      method: 'GET',
      namespace: 'shop',
      pod: `shop-service-${i % 9}-7d9f8b6c5-${(i * 7919).toString(36)}`,
      status: '200',
      uri: `/api/v1/resource-${i % 12}`,
    };
    return {
      labels: Object.entries(labels).map(([name, value]) => ({ name, value })),
      samples: [{ timestamp, value: i + Math.floor(timestamp / 1000) }],
      histograms: [],
      exemplars: [],
    };
  });
  return compress(encodeWriteRequest({ timeseries, metadata: [] }, 'prometheus.WriteRequest'));
}

function requestOf(body: Uint8Array) {
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  return { method: 'POST', headers, body, receivedAt: START + REQUESTS * STEP_MS, requestId: '' };
}

function tallyOf(messages: readonly QueueMessage[]): number {
  return messages.reduce(
    (sum, { envelope }) =>
      sum + ((JSON.parse(envelope.account) as { tally: { selected: number } }).tally.selected ?? 0),
    0,
  );
}

/** What is selected of a hundred thousand active series. */
function compactedTraffic(): TrafficSeries[] {
  return scrapeTraffic({ services: 9, podsPerService: 31, routes: 1, seed: 2 }).slice(0, 10_000);
}

async function measureStore(): Promise<
  Pick<
    MeasuredUnits,
    | 'chunkBytesPerSample'
    | 'compactionUnitsPerThousand'
    | 'compactionCpuPerMillion'
    | 'labelsBytesPerSeries'
    | 'queryReadUnits'
  >
> {
  const day = await measureDay(3600, 24);
  const log = await writeLog({ traffic: compactedTraffic(), windowMs: WINDOW_MS });
  const seconds: number[] = [];
  for (let i = 0; i < COMPACTIONS; i++) seconds.push((await compactLog(log)).compactSeconds);
  return {
    chunkBytesPerSample: day.bytesPerSample,
    compactionUnitsPerThousand: day.writeUnitsPer1000,
    compactionCpuPerMillion: round((Math.min(...seconds) / log.samples) * 1e6),
    labelsBytesPerSeries: day.labelsBytesPerSeries,
    queryReadUnits: day.query.readUnits,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
