import type { Context, ScheduledEvent } from 'aws-lambda';
import { loadRuntime } from '../lib/config/runtime.ts';
import { newSecretReader } from '../lib/config/secret-reader.ts';
import { writeEmf } from '../lib/lambda/emf.ts';
import { newLog } from '../lib/lambda/new-log.ts';
import { openQueue } from '../lib/lambda/open-queue.ts';
import { logScrapes, scrapeMetrics } from '../lib/lambda/report-scrapes.ts';
import { type ScrapeDependencies, scrape } from '../lib/pipeline/scrape.ts';
import { scrapeDependencies } from '../lib/pipeline/scrape-dependencies.ts';
import type { ScrapeOutcome } from '../lib/pipeline/scrape-server.ts';

/** As serverless.yml schedules it. */
const PERIOD_MS = 60_000;

/** What is left of an invocation when its last scrape must have ended: enough to queue what it gave. */
const RESERVE_MS = 10_000;

const log = newLog();
let dependencies: ScrapeDependencies | undefined;

/** The reader of /federate: raw samples of the user's servers; what some rule can use goes into the queue. */
export async function handler({ time }: Pick<ScheduledEvent, 'time'>, context: Context): Promise<void> {
  dependencies ??= composeDependencies();
  const scheduled = Date.parse(time);
  const budgetMs = context.getRemainingTimeInMillis() - RESERVE_MS;
  const outcomes = await federation(Number.isNaN(scheduled) ? Date.now() : scheduled, budgetMs, dependencies);
  if (outcomes.length > 0) writeEmf(scrapeMetrics(outcomes));
  const failed = outcomes.filter(({ cause }) => cause !== undefined);
  if (failed.length === 0) return;
  // Lambda counts it, and an alarm looks at that; a server that does not answer is no fault of ours.
  const sources = new Set(failed.map(({ target: { tenant, source } }) => `${tenant.name}/${source.name}`));
  throw new Error(`cannot queue what servers of ${[...sources].join(', ')} gave; the log says why`);
}

/** Scrapes every server that is due at `time` (ms), for at most `budgetMs`. */
export async function federation(
  time: number,
  budgetMs: number,
  deps: ScrapeDependencies,
): Promise<readonly ScrapeOutcome[]> {
  const outcomes = await scrape(time, budgetMs, deps);
  logScrapes(outcomes, log);
  return outcomes;
}

function composeDependencies(): ScrapeDependencies {
  const { plan, tenants, queueUrl } = loadRuntime();
  return scrapeDependencies({
    plan,
    tenants,
    queue: openQueue(queueUrl),
    secret: newSecretReader(process.env),
    period: PERIOD_MS,
    now: Date.now,
  });
}
