import { readFileSync } from 'node:fs';
import type { SQSEvent } from 'aws-lambda';
import { api } from '../functions/api.ts';
import { compact } from '../functions/compact.ts';
import { contextualize } from '../functions/contextualize.ts';
import { evaluate } from '../functions/evaluate.ts';
import { federation } from '../functions/federation.ts';
import { query as askSources } from '../functions/query.ts';
import { remoteWrite } from '../functions/remote-write.ts';
import { newApi } from '../lib/api/app.ts';
import { compileRuntime } from '../lib/config/compile-runtime.ts';
import { apiOptions, engineOptions } from '../lib/config/query-settings.ts';
import type { CompiledRuntime } from '../lib/config/runtime.ts';
import { newSecretReader } from '../lib/config/secret-reader.ts';
import { functionMemory } from '../lib/lambda/function-memory.ts';
import { Firewall } from '../lib/pipeline/cardinality/firewall.ts';
import { generationsOf } from '../lib/pipeline/cardinality/generations.ts';
import { Elections } from '../lib/pipeline/elections.ts';
import { preparePlan } from '../lib/pipeline/evaluate/prepared-plan.ts';
import { newOwnSeries } from '../lib/pipeline/new-own-series.ts';
import { printableText } from '../lib/pipeline/printable.ts';
import { sourceClients } from '../lib/pipeline/query-source-clients.ts';
import { querySourceDependencies, queryTargets } from '../lib/pipeline/query-source-dependencies.ts';
import { storedRules } from '../lib/pipeline/query-source-rules.ts';
import { RateLimits } from '../lib/pipeline/rate-limit.ts';
import { rememberingContextualizer } from '../lib/pipeline/remembering-contextualizer.ts';
import { scrapeDependencies } from '../lib/pipeline/scrape-dependencies.ts';
import { scrapeTargets } from '../lib/pipeline/scrape-schedule.ts';
import { SeriesMemories } from '../lib/pipeline/series-memories.ts';
import { TokenUses } from '../lib/pipeline/token-uses.ts';
import { newSelection } from '../lib/plan/selection.ts';
import { Engine } from '../lib/promql/engine.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { describeError } from './describe-error.ts';
import { EventSource } from './event-source.ts';
import { FRONT_ROUTE, frontPage } from './front-page.ts';
import { type HttpHandler, type HttpServer, startHttpServer } from './http-server.ts';
import { withLocalToken } from './local-token.ts';
import { isLoopback, loopbackNames } from './loopback.ts';
import { METRICS_ROUTE, metricsPage } from './metrics/metrics-page.ts';
import { newSelfMetrics, type SelfMetrics } from './metrics/self-metrics.ts';
import { type LocalQueue, openQueue } from './open-queue.ts';
import { type LocalStore, openStore } from './open-store.ts';
import type { Between, OnOpen } from './opening.ts';
import { Scheduler } from './scheduler.ts';
import { type QueueMapping, readServerlessFile, type ServerlessFile } from './serverless-file.ts';

export interface LocalOptions {
  /** Path of tributary.yml. */
  readonly config: string;
  /** Folder of all data; made when it is missing. */
  readonly data: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Other interfaces than the loopback one are refused without this. */
  readonly allowRemote?: boolean;
  /** 0 takes any free port. */
  readonly port: number;
  readonly between?: Between;
  /** Told of faults while the server runs, and of what surprises at its start. */
  readonly log: (line: string) => void;
}

export interface LocalServer {
  readonly url: string;
  readonly port: number;
  /** Whose data requests without credentials read, where they may. */
  readonly tenant: string;
  /** Reads as that tenant, and writes where it takes writes. */
  readonly token: string;
  /** Not so for a tenant whose servers are asked: it can have nothing written to it. */
  readonly writes: boolean;
  readonly dataFolder: string;
  /** Takes no more requests, works off the queue for a few seconds, and closes the data folder. */
  stop(): Promise<{ readonly drained: boolean }>;
}

const DRAIN_MS = 5000;

/** What an invocation may take, as on AWS; the next one waits for it. */
const BUDGET_MS = 50_000;

/** Of a URL in the log; a query may be far longer. */
const MAX_URL_LENGTH = 500;

/** As the function of the API has them. */
const QUERY_LIMITS = { timeout: 25_000, maxSamples: 10_000_000 };

/**
 * Starts everything in this process: the HTTP API, the queue, the worker and the store, with the functions that run on
 * AWS and the clients that speak to AWS. Nothing that has been accepted is lost when the process is killed.
 *
 * @throws Error saying what is wrong (configuration, data folder, port) and what to do.
 */
export async function startLocal(options: LocalOptions): Promise<LocalServer> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host) && options.allowRemote !== true) {
    throw new Error(
      `cannot listen on ${host}: it is not the loopback interface; add --allow-remote if others may reach it`,
    );
  }
  const opened: (() => Promise<unknown>)[] = [];
  try {
    return await openAll({ ...options, host }, (close) => opened.unshift(close));
  } catch (error) {
    for (const close of opened) await close().catch(() => {});
    throw error;
  }
}

type Complete = LocalOptions & { readonly host: string };

async function openAll(options: Complete, onOpen: OnOpen): Promise<LocalServer> {
  const serverless = readServerlessFile(new URL('../serverless.yml', import.meta.url));
  const folder = await openDataFolder(options.data);
  const { runtime, tenant, writes } = compile(options, folder);
  const queue = await openQueue(options, folder, serverless.queue, onOpen);
  const store = await openStore(options, folder, runtime, onOpen);
  const tokenUses = new TokenUses({
    registers: store.registers,
    log: { warn: (message, { error }) => options.log(`${message}: ${describeError(error)}`) },
  });
  const metrics = newSelfMetrics({ version: readVersion(), planVersion: runtime.plan.version, queues: queue.figures });
  const parts: Parts = { ...store, queue, tokenUses, metrics };
  const source = openEventSource(options, serverless, runtime, parts);
  const http = await openHttp(options, serverless, runtime, tenant, parts);
  const scheduler = openScheduler(options, serverless, runtime, parts);
  source.start();
  scheduler.start();
  return {
    url: http.url,
    port: http.port,
    tenant,
    token: folder.token,
    writes,
    dataFolder: folder.path,
    async stop() {
      await http.close();
      const drained = await source.drain(DRAIN_MS);
      await source.stop();
      await scheduler.stop();
      await store.close();
      await queue.close();
      return { drained };
    },
  };
}

/** What the functions are composed of here. */
interface Parts extends Omit<LocalStore, 'close'> {
  readonly queue: LocalQueue;
  readonly tokenUses: TokenUses;
  readonly metrics: SelfMetrics;
}

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

function compile({ config, log }: Complete, folder: DataFolder) {
  const runtime = compileRuntime(config, {
    warn: ({ file, line, key, message }) => {
      // A token that is closed on this machine is no surprise: the local one stands in for it.
      if (!key.endsWith('sha256')) log(`${file}:${line}: ${key}: ${message}`);
    },
  });
  const { tenants, tenant, writes } = withLocalToken(runtime.tenants, folder.token);
  return { runtime: { ...runtime, tenants }, tenant, writes };
}

function openEventSource(
  { log }: Complete,
  { mappings }: ServerlessFile,
  { plan, tenants, retention }: CompiledRuntime,
  { storage, ledger, registers, queue, tokenUses, metrics, bookOf }: Parts,
): EventSource {
  const [mapping, ...others] = mappings;
  if (mapping?.functionName !== 'contextualize' || others.length > 0) {
    throw new Error(`cannot run the queues of serverless.yml: ${mappings.map(({ functionName }) => functionName)}`);
  }
  const elections = new Elections(registers);
  const firewall = new Firewall({ registers, ...generationsOf(retention), now: Date.now });
  const dependencies = {
    ...rememberingContextualizer(plan, { tenants, bytes: functionMemory() / 4 }),
    tenants,
    storage,
    ledger,
    elections,
    firewall,
    deadLetters: queue.deadLetters,
    tokenUses,
    report: metrics.worked,
    usage: bookOf('contextualize'),
  };
  return new EventSource({
    client: queue.client,
    queueUrl: queue.url,
    queueArn: queue.arn,
    mapping: eager(mapping),
    handler: (event: SQSEvent) => contextualize(event, dependencies),
    onError: (error) => log(`cannot process messages of the queue: ${describeError(error)}`),
  });
}

function openScheduler(
  { log }: Complete,
  { schedules }: ServerlessFile,
  { plan, tenants, retention, query, evaluation }: CompiledRuntime,
  { storage, ledger, ruleState, compactable, queue, metrics, usage, sums, bookOf }: Parts,
): Scheduler {
  const periods = periodsOf(tenants, evaluation.interval);
  const scraper = scrapeDependencies({
    plan,
    tenants,
    queue: queue.sender,
    secret: newSecretReader(process.env),
    period: periods.federation,
    now: Date.now,
  });
  const evaluator = {
    plan: preparePlan(plan, { ...evaluation, ...query }),
    plans: storedRules(plan, tenants, { ...evaluation, ...query }),
    tenants,
    settings: evaluation,
    storage,
    ownSeries: newOwnSeries({ plan, tenants, storage, ledger, usage, retention }),
    ruleState,
    engine: new Engine({ ...QUERY_LIMITS, ...engineOptions(query), defaultSubqueryStep: evaluation.interval }),
    externalUrl: '',
    usage: bookOf('evaluate'),
    now: Date.now,
  };
  const asker = querySourceDependencies({
    plan,
    tenants,
    storage,
    ledger,
    progress: ruleState,
    engine: new Engine({ ...QUERY_LIMITS, ...engineOptions(query) }),
    secret: newSecretReader(process.env),
    usage: bookOf('query'),
    now: Date.now,
  });
  const compactor = { tenants, storage: compactable, usage: bookOf('compact'), sums, now: Date.now };
  return new Scheduler({
    schedules: schedules.map((one) => ({ ...one, everyMs: periods[one.functionName] ?? one.everyMs })),
    handlers: {
      evaluate: () => timed(() => evaluate(evaluator, BUDGET_MS), metrics.evaluated),
      compact: (budgetMs) => timed(() => compact(compactor, budgetMs), metrics.compacted),
      federation: () => timed(() => federation(Date.now(), BUDGET_MS, scraper), metrics.scraped),
      query: () => timed(() => askSources(BUDGET_MS, asker), metrics.asked),
    },
    onError: (error, name) => log(`cannot run ${name}: ${describeError(error)}`),
  });
}

/** Tells what a call came to, and how long it took (ms). */
async function timed<T>(call: () => Promise<T>, report: (outcomes: T, durationMs: number) => void): Promise<void> {
  const began = performance.now();
  report(await call(), performance.now() - began);
}

/** ms between calls of the functions that run by intervals of the configuration: here these may be less than a minute. */
function periodsOf(tenants: CompiledRuntime['tenants'], evaluationInterval: number) {
  const shortest = (intervals: readonly number[]) => Math.min(60_000, ...intervals);
  const periods = {
    evaluate: shortest([evaluationInterval]),
    federation: shortest(scrapeTargets(tenants).map(({ source }) => source.interval)),
    query: shortest(queryTargets(tenants).map(({ source }) => source.interval)),
  };
  return periods as typeof periods & Readonly<Record<string, number>>;
}

/** On AWS a window saves invocations; here it would only make everybody wait. */
function eager(mapping: QueueMapping): QueueMapping {
  return { ...mapping, windowSeconds: Math.min(mapping.windowSeconds, 1) };
}

function openHttp(
  options: Complete,
  { routes }: ServerlessFile,
  { plan, tenants, retention, query, evaluation }: CompiledRuntime,
  tenant: string,
  { storage, ledger, ruleState, registers, compaction, queue, tokenUses, metrics, usage, bookOf }: Parts,
): Promise<HttpServer> {
  const { host, port, log } = options;
  const intake = {
    tenants,
    selects: newSelection(plan),
    planVersion: plan.version,
    queue: queue.sender,
    rates: new RateLimits(Date.now),
    now: Date.now,
    memories: new SeriesMemories({ tenants: tenants.length }),
    report: metrics.received,
  };
  const reads = newApi({
    plan,
    tenants,
    storage,
    ledger,
    ruleState,
    registers,
    compaction,
    usage,
    retention,
    usageBook: bookOf('api'),
    deadLetters: queue.letterReader,
    tokenUses,
    evaluationInterval: evaluation.interval,
    engine: new Engine({ ...QUERY_LIMITS, ...engineOptions(query) }),
    ...apiOptions(query, evaluation),
    sourceClient: sourceClients(newSecretReader(process.env)),
    now: Date.now,
    onInternalError: (error, { method, url }) =>
      log(`cannot answer ${method} ${printableText(url, MAX_URL_LENGTH)}: ${describeError(error)}`),
    ...(isLoopback(host) && { anonymousTenant: tenant }),
  });
  const handlers: Record<string, HttpHandler> = {
    remoteWrite: (event) => remoteWrite(event, intake),
    api: (event) => api(event, { fetch: reads.fetch, report: metrics.answered }),
    frontPage,
    metrics: (event) => metricsPage(event, { metrics, tenants, isOpen: isLoopback(host) }),
  };
  return startHttpServer({
    routes: [...routes, METRICS_ROUTE, FRONT_ROUTE],
    handlers,
    host,
    port,
    onError: (error, request) =>
      log(`cannot answer ${printableText(request, MAX_URL_LENGTH)}: ${describeError(error)}`),
    ...(isLoopback(host) && { trustedHosts: loopbackNames(host) }),
  });
}
