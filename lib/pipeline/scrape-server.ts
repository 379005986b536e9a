import type { IntakeLimits } from '../context/tenant.ts';
import { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import { STALE_NAN } from '../model/stale-marker.ts';
import type { TimeSeries } from '../prompb/write-request.ts';
import type { Queue } from '../queue/interface.ts';
import { federate } from '../remote/federate.ts';
import { fetchMetadata } from '../remote/metadata.ts';
import type { RemoteClient } from '../remote/remote-client.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { intakeMessages } from './intake-messages.ts';
import { type Fault, IntakeReport } from './intake-report.ts';
import { scrapeFailure } from './scrape-failure.ts';
import type { LastSample, PageMemory, ScrapeMemory, ServerMemory } from './scrape-memory.ts';
import { readPage } from './scrape-page.ts';
import type { ScrapeTarget } from './scrape-schedule.ts';
import { selectSeries } from './select-series.ts';
import { type AcceptedSeries, validateSeries } from './validate-series.ts';

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
  const { memory: all, clientOf, now } = dependencies;
  const started = performance.now();
  const memory = all.of(target.id, () => clientOf(target));
  const scrape = {
    target,
    memory,
    time: now(),
    end: started + times.timeout,
    report: new IntakeReport(),
    failures: [],
  };
  memory.busy = true;
  try {
    if (times.timeout <= 0)
      fail(scrape, { reason: 'scrape_failed: no_time', detail: `no time was left for ${target.server}` });
    const pages = times.timeout <= 0 ? [] : await readPages(scrape, dependencies);
    await queueAll(scrape, pages, times.time, dependencies);
    for (const { key, current } of pages) memory.remember(key, current);
    return outcomeOf(scrape, started);
  } catch (cause) {
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
  /** Until when it may go on, by `performance.now()`. */
  readonly end: number;
  readonly report: IntakeReport;
  readonly failures: Fault[];
}

/** A page that was read, and what is to be remembered of it. */
interface ScrapedPage {
  readonly key: string;
  readonly fresh: readonly AcceptedSeries[];
  readonly vanished: readonly LastSample[];
  readonly current: PageMemory;
  readonly size: number;
}

async function readPages(scrape: Scrape, dependencies: ScrapeServerDependencies): Promise<ScrapedPage[]> {
  const pages: ScrapedPage[] = [];
  for (const matchers of dependencies.pages) {
    try {
      pages.push(await readOnePage(scrape, matchers, dependencies));
    } catch (error) {
      fail(scrape, scrapeFailure(error, scrape.target.server));
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
  { selects, now }: ScrapeServerDependencies,
): Promise<ScrapedPage> {
  const { target, memory, report, time } = scrape;
  const { source, tenant } = target;
  const key = matchers.join('\n');
  const limits = { timeout: timeLeft(scrape), maxBytes: source.limits.maxBodyBytes };
  const page = await federate(memory.client, matchers, limits);
  const { series, duplicates } = await readPage(page, { target, time, cache: memory.cache(key) });
  if (duplicates > 0) report.leaveOut({ reason: 'duplicate_sample', detail: target.server }, Labels.empty, duplicates);
  const accepted = validateAll(
    series,
    { ...tenant.limits, maxLabelsPerSeries: source.limits.maxLabelsPerSeries },
    now(),
    report,
  );
  return { key, size: series.length, ...compare(accepted, memory.page(key), selects, report) };
}

/** @throws RemoteError when nothing is left. */
function timeLeft({ end, target }: Scrape): number {
  const left = Math.ceil(end - performance.now());
  if (left > 0) return left;
  throw new RemoteError('timeout', `cannot read ${target.server}: its pages take longer than the timeout`);
}

function validateAll(
  series: readonly TimeSeries[],
  limits: IntakeLimits,
  now: number,
  report: IntakeReport,
): AcceptedSeries[] {
  const rules = { protocol: 'prometheus.WriteRequest', limits, now, hasSamples: true } as const;
  return series.map((one) => validateSeries(one, rules, report)).filter((one) => one !== undefined);
}

/**
 * Sets apart what the last scrape had with the same timestamp (the server scrapes less often than we do), and what it had
 * and this one has not.
 */
function compare(
  accepted: readonly AcceptedSeries[],
  previous: PageMemory | undefined,
  selects: (labels: Labels) => boolean,
  report: IntakeReport,
): Pick<ScrapedPage, 'fresh' | 'vanished' | 'current'> {
  const current = new Map<string, LastSample>();
  const fresh: AcceptedSeries[] = [];
  for (const series of accepted) {
    const { labels, samples, histograms } = series;
    const timestamp = (samples[0] ?? histograms[0])?.timestamp;
    if (timestamp === undefined) continue;
    const known = previous?.get(labels.key);
    const isRepeated = known?.timestamp === timestamp;
    if (known !== undefined || selects(labels)) current.set(labels.key, isRepeated ? known : { labels, timestamp });
    if (isRepeated) report.accept(samples.length, histograms.length, 0, true);
    if (isRepeated) report.drop('repeated', 1);
    else fresh.push(series);
  }
  const vanished =
    previous === undefined ? [] : [...previous].filter(([key]) => !current.has(key)).map(([, last]) => last);
  return { fresh, vanished, current };
}

/** @throws QueueUnavailableError */
async function queueAll(
  scrape: Scrape,
  pages: readonly ScrapedPage[],
  scheduled: number,
  { queue, selects, planVersion, pages: asked }: ScrapeServerDependencies,
): Promise<void> {
  const { target, report, time } = scrape;
  const families = pages.some(({ size }) => size > 0) ? await readFamilies(scrape) : [];
  const fresh = pages.flatMap((page) => page.fresh);
  const selected = [...selectSeries(fresh, families, selects, report), ...pages.flatMap((page) => ends(page, scrape))];
  if (pages.length === asked.length && pages.every(({ size }) => size === 0)) {
    report.refuseRequest('scrape_empty', `${target.server}/federate has none of the series that the plan asks for`);
  }
  if (report.isEmpty) return;
  const { tenant, source, id } = target;
  const origin = { tenant: tenant.name, source: source.name, plan: planVersion, receivedAt: time };
  await queue.send(intakeMessages({ id: `${id}-${scheduled}`, ...origin }, selected, report.account));
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

/** Once an hour; a server without metadata (or without time for it) is asked again in an hour. */
async function readFamilies(scrape: Scrape): Promise<readonly MetricMetadata[]> {
  const { memory, time, report } = scrape;
  if (time < memory.metadataAt + METADATA_INTERVAL) return [];
  memory.metadataAt = time;
  try {
    return await fetchMetadata(memory.client, { timeout: timeLeft(scrape), maxBytes: METADATA_BYTES });
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    report.leaveOut({ reason: 'metadata_failed', detail: error.message }, Labels.empty);
    return [];
  }
}

function fail({ report, failures }: Scrape, fault: Fault): void {
  report.refuseRequest(fault.reason, fault.detail.slice(0, 500));
  failures.push(fault);
}

function outcomeOf({ target, report, failures }: Scrape, started: number): ScrapeOutcome {
  return { target, duration: performance.now() - started, accepted: report.account.tally.accepted, failures };
}
