import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { loadRuntime } from '../lib/config/runtime.ts';
import { newSecretReader } from '../lib/config/secret-reader.ts';
import { openQueue } from '../lib/lambda/open-queue.ts';
import { type ScrapeDependencies, scrape } from '../lib/pipeline/scrape.ts';
import { scrapeDependencies } from '../lib/pipeline/scrape-dependencies.ts';
import type { ScrapeOutcome } from '../lib/pipeline/scrape-server.ts';

/** As serverless.yml schedules it. */
const PERIOD_MS = 60_000;

/** What is left of an invocation when its last scrape must have ended: enough to queue what it gave. */
const RESERVE_MS = 10_000;

const logger = new Logger();
let dependencies: ScrapeDependencies | undefined;

/** The reader of /federate: raw samples of the user's servers; what some rule can use goes into the queue. */
export async function handler({ time }: Pick<ScheduledEvent, 'time'>, context: Context): Promise<void> {
  dependencies ??= composeDependencies();
  const scheduled = Date.parse(time);
  const budgetMs = context.getRemainingTimeInMillis() - RESERVE_MS;
  await federation(Number.isNaN(scheduled) ? Date.now() : scheduled, budgetMs, dependencies);
}

/** Scrapes every server that is due at `time` (ms), for at most `budgetMs`. */
export async function federation(time: number, budgetMs: number, deps: ScrapeDependencies): Promise<void> {
  for (const outcome of await scrape(time, budgetMs, deps)) log(outcome);
}

function log({ target, duration, accepted, failures, cause }: ScrapeOutcome): void {
  const { tenant, source, server } = target;
  const entry = { tenant: tenant.name, source: source.name, server, durationMs: Math.round(duration), accepted };
  if (cause !== undefined) logger.error('cannot queue what a server gave', { ...entry, error: cause });
  else if (failures.length > 0) logger.warn('a scrape failed', { ...entry, failures });
  else logger.debug('scraped', entry);
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
