import { setImmediate as nextTurn } from 'node:timers/promises';
import { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import { STALE_NAN } from '../model/stale-marker.ts';
import type { TimeSeries } from '../prompb/write-request.ts';
import type { Queue } from '../queue/interface.ts';
import { federate } from '../remote/federate.ts';
import { fetchMetadata } from '../remote/metadata.ts';
import type { RemoteClient } from '../remote/remote-client.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { type ComparedPage, comparePage } from './compare-page.ts';
import { envelop } from './intake-messages.ts';
import { type Fault, IntakeReport } from './intake-report.ts';
import { newJudge } from './judge-series.ts';
import { packMessages } from './pack-messages.ts';
import { REMEDIES } from './refusal-reason.ts';
import { scrapeFailure } from './scrape-failure.ts';
import type { ScrapeMemory, ServerMemory } from './scrape-memory.ts';
import { readPage } from './scrape-page.ts';
import type { ScrapeTarget } from './scrape-schedule.ts';
import { scrapeSeries } from './scrape-series.ts';
import { selectSeries } from './select-series.ts';

export interface ScrapeServerDependencies {
  /** `match[]` of each page (`federationPages`). */
  readonly pages: readonly (readonly string[])[];
  /** Whether some rule of the plan can use a raw series. */
  readonly selects: (labels: Labels) => boolean;
  readonly planVersion: string;
  readonly queue: Queue;
  readonly clientOf: (target: ScrapeTarget) => RemoteClient;
  readonly memory: ScrapeMemory;
  /** Milliseconds. */
  readonly now: () => number;
}

/** What became of one scrape; for logs. */
export interface ScrapeOutcome {
  readonly target: ScrapeTarget;
  /** ms */
  readonly duration: number;
  /** Samples and histograms that were valid, selected or not. */
  readonly accepted: number;
  /** Why pages are missing, or the whole scrape. */
  readonly failures: readonly Fault[];
  /** A fault of ours: a queue that failed, or a bug. */
  readonly cause?: unknown;
}

export interface ScrapeTimes {
  /** Of the schedule, ms; names the scrape. */
  readonly time: number;
  /** ms for all of its pages. */
  readonly timeout: number;
}

/** Types and help texts change with releases, not with scrapes. */
const METADATA_INTERVAL = 3600_000;
/** So soon they are asked for again where metrics have come that the server did not have before: it may just have begun. */
const METADATA_PAUSE = 10_000;
const METADATA_BYTES = 8 * 1024 * 1024;

/**
 * Scrapes one server: reads its pages, keeps what is valid and some rule can use, ends series that vanished, and queues
 * the rest with the account of all. What is remembered of the scrape is remembered only when it is queued, so that
 * nothing is taken for sent that was not.
 */
export async function scrapeServer(
  target: ScrapeTarget,
  times: ScrapeTimes,
  dependencies: ScrapeServerDependencies,
): Promise<ScrapeOutcome> {
  const { memory: all, clientOf, selects, now } = dependencies;
  const started = performance.now();
  const memory = all.of(target.id, () => ({ client: clientOf(target), judge: newJudge(target, selects) }));
  const scrape = {
    target,
    memory,
    time: now(),
    started,
    end: started + times.timeout,
    report: new IntakeReport(),
    failures: [],
  };
  memory.busy = true;
  try {
    const pages = await readPages(scrape, dependencies);
    await queueAll(scrape, pages, times.time, dependencies);
    for (const { key, current } of pages) memory.remember(key, current);
    return outcomeOf(scrape, started);
  } catch (cause) {
    memory.metadataAt = Number.NEGATIVE_INFINITY;
    return { ...outcomeOf(scrape, started), cause };
  } finally {
    memory.busy = false;
    memory.failed = scrape.failures.length > 0;
  }
}

/** One scrape while it is under way. */
interface Scrape {
  readonly target: ScrapeTarget;
  readonly memory: ServerMemory;
  /** When it began, ms. */
  readonly time: number;
  /** The same by `performance.now()`. */
  readonly started: number;
  /** Until when it may go on, by `performance.now()`. */
  readonly end: number;
  readonly report: IntakeReport;
  readonly failures: Fault[];
}

/** A page that was read, and what is to be remembered of it. */
interface ScrapedPage extends ComparedPage {
  readonly key: string;
  readonly size: number;
}

async function readPages(scrape: Scrape, dependencies: ScrapeServerDependencies): Promise<ScrapedPage[]> {
  const { server } = scrape.target;
  if (performance.now() >= scrape.end) {
    fail(scrape, { reason: 'scrape_failed: no_time', detail: `the run had no time left for ${server}` });
    return [];
  }
  const pages: ScrapedPage[] = [];
  for (const matchers of dependencies.pages) {
    try {
      pages.push(await readOnePage(scrape, matchers, dependencies));
    } catch (error) {
      fail(scrape, scrapeFailure(error, server));
      if (isFinal(error)) break;
    }
  }
  return pages;
}

/** Whether the other pages would fail for the same reason. */
function isFinal(error: unknown): boolean {
  return error instanceof RemoteError && error.reason !== 'body_too_large' && error.reason !== 'http_status';
}

async function readOnePage(
  scrape: Scrape,
  matchers: readonly string[],
  { now }: ScrapeServerDependencies,
): Promise<ScrapedPage> {
  const { target, memory, report, time } = scrape;
  const { limits } = target.source;
  const key = matchers.join('\n');
  const withHistograms = memory.asksForHistograms(key, time);
  const bounds = { timeout: timeLeft(scrape), maxBytes: limits.maxBodyBytes };
  const page = await federate(memory.client, matchers, { ...bounds, withHistograms });
  const options = { limits, time, cache: memory.cache(key), judge: memory.judge };
  const { points, duplicates } = await readPage(page, options);
  if (withHistograms) {
    const hadHistograms = points.some(({ histograms }) => histograms.length > 0);
    memory.sawHistograms(key, hadHistograms, time);
  }
  if (duplicates > 0) report.leaveOut({ reason: 'duplicate_sample', detail: target.server }, Labels.empty, duplicates);
  const rules = { limits: target.tenant.limits, now: now() };
  return { key, size: points.length, ...comparePage(points, memory.page(key), rules, report) };
}

/** @throws RemoteError when nothing is left. */
function timeLeft({ end, target }: Scrape): number {
  const left = Math.ceil(end - performance.now());
  if (left > 0) return left;
  throw new RemoteError('timeout', `cannot read ${target.server}: its pages take longer than the timeout`);
}

/** @throws QueueUnavailableError */
async function queueAll(
  scrape: Scrape,
  pages: readonly ScrapedPage[],
  scheduled: number,
  { queue, selects, planVersion, pages: asked }: ScrapeServerDependencies,
): Promise<void> {
  const { target, report, time } = scrape;
  const names: ReadonlySet<string> = new Set(
    pages.flatMap(({ current }) => [...current.values()].map(({ labels }) => labels.metricName)),
  );
  const families = names.size > 0 ? await readFamilies(scrape, names) : [];
  const selected = [
    ...pages.flatMap(({ fresh }) => fresh),
    ...pages.flatMap((page) => ends(page, scrape)),
    ...selectSeries([], families, selects, report, (name) => names.has(name)),
    ...aboutScrape(scrape, pages, asked.length, selects),
  ];
  if (pages.length === asked.length && pages.every(({ size }) => size === 0)) {
    const detail = `${target.server}/federate has none of the series that the plan asks for`;
    report.refuseRequest('scrape_empty', `${detail}; ${REMEDIES.scrape_empty}`);
  }
  if (report.isEmpty) return;
  const { tenant, source, id } = target;
  const origin = { tenant: tenant.name, source: source.name, plan: planVersion, receivedAt: time };
  await queue.send(envelop({ id: `${id}-${scheduled}`, ...origin }, await packInTurns(selected), report.account));
}

function aboutScrape(
  { target, report, time, started }: Scrape,
  pages: readonly ScrapedPage[],
  asked: number,
  selects: (labels: Labels) => boolean,
): TimeSeries[] {
  const samples = pages.reduce((sum, { size }) => sum + size, 0);
  const figures = { time, duration: performance.now() - started, isComplete: pages.length === asked, samples };
  const series = scrapeSeries(target, figures, selects);
  report.accept(series.length, 0, 0, true);
  return series;
}

/** Series that are packed at a time: about a message's worth, and short enough for others to get their turn. */
const SERIES_PER_TURN = 5000;

async function packInTurns(selected: readonly TimeSeries[]): Promise<Uint8Array[]> {
  const bodies: Uint8Array[] = [];
  // One round also without any series: that message carries the account.
  for (let at = 0; at === 0 || at < selected.length; at += SERIES_PER_TURN) {
    bodies.push(...packMessages(selected.slice(at, at + SERIES_PER_TURN)));
    await nextTurn();
  }
  return bodies;
}

/** A stale marker for each series that vanished: at the time of the scrape, or after its last sample where clocks differ. */
function ends({ vanished }: ScrapedPage, { report, time }: Scrape): TimeSeries[] {
  report.accept(vanished.length, 0, 0, true);
  return vanished.map(({ labels, timestamp }) => ({
    labels: [...labels],
    samples: [{ timestamp: Math.max(time, timestamp + 1), value: STALE_NAN }],
    histograms: [],
    exemplars: [],
  }));
}

/** Once an hour, and where metrics are new; a server without metadata (or without time for it) is asked again then. */
async function readFamilies(scrape: Scrape, names: ReadonlySet<string>): Promise<readonly MetricMetadata[]> {
  const { memory, time, report } = scrape;
  const isNew = [...names].some((name) => !memory.metadataOf.has(name));
  if (time < memory.metadataAt + (isNew ? METADATA_PAUSE : METADATA_INTERVAL)) return [];
  memory.metadataAt = time;
  memory.metadataOf = names;
  try {
    return await fetchMetadata(memory.client, { timeout: timeLeft(scrape), maxBytes: METADATA_BYTES });
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    report.leaveOut({ reason: 'metadata_failed', detail: error.message.slice(0, MAX_DETAIL_LENGTH) }, Labels.empty);
    return [];
  }
}

/** Servers say what they like. */
const MAX_DETAIL_LENGTH = 500;

function fail({ report, failures }: Scrape, fault: Fault): void {
  report.refuseRequest(fault.reason, `${fault.detail.slice(0, MAX_DETAIL_LENGTH)}; ${REMEDIES[fault.reason]}`);
  failures.push(fault);
}

function outcomeOf({ target, report, failures }: Scrape, started: number): ScrapeOutcome {
  return { target, duration: performance.now() - started, accepted: report.account.tally.accepted, failures };
}
