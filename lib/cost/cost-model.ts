import type { MeasuredUnits } from './measured-units.ts';
import { PRICES } from './prices.ts';

/** A deployment whose bill is asked for. */
export interface Workload {
  /** Series that Prometheus sends. */
  readonly activeSeries: number;
  readonly scrapeSeconds: number;
  /** The part of them that some rule uses. */
  readonly selectedShare: number;
  /** Derived series for each selected one, evaluated once a minute. */
  readonly derivedShare: number;
  readonly samplesPerRequest: number;
  /** Seconds that the queue gathers messages for one invocation of the worker. */
  readonly windowSeconds: number;
  readonly normalisedDays: number;
  readonly derivedDays: number;
  readonly queriesPerMonth: number;
}

/** One term of the bill: what is counted, how much of it, and dollars a month. */
export interface CostTerm {
  readonly name: string;
  readonly quantity: number;
  readonly unit: string;
  readonly dollars: number;
}

export interface Bill {
  readonly workload: Workload;
  readonly rawSamples: number;
  readonly terms: readonly CostTerm[];
  readonly total: number;
  readonly managedPrometheus: number;
  readonly grafanaCloud: number;
}

export const DEFAULT_WORKLOAD: Workload = {
  activeSeries: 100_000,
  scrapeSeconds: 15,
  selectedShare: 0.1,
  derivedShare: 0.1,
  samplesPerRequest: 10_000,
  windowSeconds: 5,
  normalisedDays: 2,
  derivedDays: 400,
  queriesPerMonth: 100_000,
};

const MONTH_SECONDS = 30 * 86_400;
const DAYS = 30;
const MILLION = 1e6;
const GB = 1e9;
/** Memory at which a function has one whole CPU; CPU time costs so much memory whatever size is configured. */
const GB_PER_CPU = 1.769;
/** Waiting for AWS, not computing: seconds of an invocation. */
const WAIT_SECONDS = 0.025;
const MEMORY_GB = { receiver: 0.5, worker: 1, evaluator: 1.769, compactor: 1.769 };
/** Two instances of the worker each write a day's labels once. */
const LABEL_WRITERS = 2;
/** What the evaluator looks back at every minute: five minutes of rates, and their delay. */
const EVALUATED_SECONDS = 360;
export const LOG_BYTES_PER_INVOCATION = 500;
/** Pollers of an event source mapping ask also when there is nothing. */
const IDLE_RECEIVES = 650_000;
const RECEIVE_BATCH = 10;

/** The bill of a month of 30 days at list prices; docs/cost.md explains each term. */
export function costOf(workload: Workload, units: MeasuredUnits): Bill {
  const rawSamples = (workload.activeSeries / workload.scrapeSeconds) * MONTH_SECONDS;
  const terms = [...intakeTerms(workload, units, rawSamples), ...storeTerms(workload, units, rawSamples)];
  return {
    workload,
    rawSamples,
    terms,
    total: terms.reduce((sum, { dollars }) => sum + dollars, 0),
    managedPrometheus: managedPrometheus(rawSamples),
    grafanaCloud: grafanaCloud(workload),
  };
}

function intakeTerms(workload: Workload, units: MeasuredUnits, raw: number): CostTerm[] {
  const requests = raw / workload.samplesPerRequest;
  const messageBytes = workload.samplesPerRequest * workload.selectedShare * units.queueBytesPerSample;
  const sends = requests * Math.max(1, Math.ceil(messageBytes / 65_536));
  const receives = sends / RECEIVE_BATCH + IDLE_RECEIVES + requests / RECEIVE_BATCH;
  const invocations = Math.min(requests, MONTH_SECONDS / workload.windowSeconds);
  const selected = raw * workload.selectedShare;
  const receiver = gbSeconds(raw, units.receiverCpuPerMillion, requests, MEMORY_GB.receiver);
  const worker = gbSeconds(selected, units.workerCpuPerMillion, invocations, MEMORY_GB.worker);
  return [
    term('HTTP API', requests, 'requests', PRICES.httpApiPerMillion / MILLION),
    term('receiver, invocations', requests, 'requests', PRICES.lambdaPerMillion / MILLION),
    term('receiver, compute', receiver, 'GB-seconds', PRICES.lambdaPerGbSecond),
    term('queue', sends + receives, 'requests of 64 KB', PRICES.sqsPerMillion / MILLION),
    term('worker, invocations', invocations, 'requests', PRICES.lambdaPerMillion / MILLION),
    term('worker, compute', worker, 'GB-seconds', PRICES.lambdaPerGbSecond),
    term('logs', ((requests + invocations) * LOG_BYTES_PER_INVOCATION) / GB, 'GB', PRICES.logsPerGb),
  ];
}

function storeTerms(workload: Workload, units: MeasuredUnits, raw: number): CostTerm[] {
  const write = PRICES.writeUnitsPerMillion / MILLION;
  const read = PRICES.readUnitsPerMillion / MILLION;
  const selected = raw * workload.selectedShare;
  const selectedSeries = workload.activeSeries * workload.selectedShare;
  const derivedSeries = selectedSeries * workload.derivedShare;
  const derived = (derivedSeries / 60) * MONTH_SECONDS;
  const perCommit = (selectedSeries / workload.scrapeSeconds) * workload.windowSeconds;
  const blocks = (selected / 1000) * writeUnitsAt(perCommit, units);
  const derivedBlocks = (derived / 1000) * writeUnitsAt(derivedSeries, units);
  const labels = ((selectedSeries + derivedSeries) * LABEL_WRITERS * DAYS * units.labelsBytesPerSeries) / 1024;
  const compaction = ((selected + derived) / 1000) * units.compactionUnitsPerThousand;
  const evaluatedBytes = (selectedSeries / workload.scrapeSeconds) * EVALUATED_SECONDS * units.logBytesPerSample;
  const minutes = MONTH_SECONDS / 60;
  const compactionReads = ((selected + derived) * units.logBytesPerSample) / 4096;
  const compute =
    gbSeconds(selected + derived, units.compactionCpuPerMillion, minutes / 15, MEMORY_GB.compactor) +
    gbSeconds((selected * EVALUATED_SECONDS) / 60, units.compactionCpuPerMillion, minutes, MEMORY_GB.evaluator);
  const gigabytes = storedGigabytes(workload, units, selected / DAYS, derived / DAYS);
  return [
    term('samples written', blocks, 'write units', write),
    term('derived samples written', derivedBlocks, 'write units', write),
    term('labels written', labels, 'write units', write),
    term('chunks written', compaction, 'write units', write),
    // Blocks of what is kept for long are deleted once they are merged; a delete is billed as the write was.
    term('derived blocks deleted', derivedBlocks, 'write units', write),
    term('read by compaction', compactionReads, 'read units', read),
    term('read by rules', (evaluatedBytes / 4096) * minutes, 'read units', read),
    term('read by queries', workload.queriesPerMonth * units.queryReadUnits, 'read units', read),
    term('rules and compaction, compute', compute, 'GB-seconds', PRICES.lambdaPerGbSecond),
    term('stored', gigabytes, 'GB', PRICES.tablePerGbMonth),
    term('backup', gigabytes, 'GB', PRICES.backupPerGbMonth),
  ];
}

/** At the full age of the deployment. Blocks of normalised samples stay beside their chunks, and both a day longer. */
function storedGigabytes(
  workload: Workload,
  units: MeasuredUnits,
  selectedPerDay: number,
  derivedPerDay: number,
): number {
  const normalised =
    selectedPerDay * (workload.normalisedDays + 1) * (units.logBytesPerSample + units.chunkBytesPerSample);
  const derived = derivedPerDay * (workload.derivedDays + 1) * units.chunkBytesPerSample;
  return (normalised + derived) / GB;
}

/** Between two measured sizes of a commit on a straight line over the logarithm of the size; beyond them the nearest. */
function writeUnitsAt(samples: number, { writeUnitsPerThousand: measured }: MeasuredUnits): number {
  const after = measured.findIndex((one) => one.samples >= samples);
  const [below, above] = [measured[after - 1], measured[after]];
  if (above === undefined) return measured[measured.length - 1]?.units ?? Number.NaN;
  // A commit smaller than any measured one pays for its started kilobytes.
  if (below === undefined) return above.units * Math.max(1, 1000 / (samples * above.units));
  const share = Math.log(samples / below.samples) / Math.log(above.samples / below.samples);
  return below.units + share * (above.units - below.units);
}

function gbSeconds(samples: number, cpuPerMillion: number, invocations: number, memoryGb: number): number {
  return (samples / MILLION) * cpuPerMillion * GB_PER_CPU + invocations * WAIT_SECONDS * memoryGb;
}

function term(name: string, quantity: number, unit: string, price: number): CostTerm {
  return { name, quantity, unit, dollars: quantity * price };
}

function managedPrometheus(samples: number): number {
  let [dollars, from] = [0, 0];
  for (const { upTo, perTenMillion } of PRICES.managedPrometheus.ingest) {
    dollars += (Math.max(0, Math.min(samples, upTo) - from) / 1e7) * perTenMillion;
    from = upTo;
  }
  return dollars;
}

function grafanaCloud({ activeSeries, scrapeSeconds }: Workload): number {
  return (activeSeries / 1000) * Math.max(1, 60 / scrapeSeconds) * PRICES.grafanaCloudPerThousandSeries;
}
