import type { ScrapeOutcome } from '../pipeline/scrape-server.ts';
import type { EmfMetric } from './emf.ts';
import type { Log } from './log.ts';

/** Logs every scrape that gave less than all; what went well only in detail. */
export function logScrapes(outcomes: readonly ScrapeOutcome[], log: Log): void {
  for (const { target, duration, accepted, failures, cause } of outcomes) {
    const { tenant, source, server } = target;
    const entry = { tenant: tenant.name, source: source.name, server, durationMs: Math.round(duration), accepted };
    if (cause !== undefined) log.error('cannot queue what a server gave', { ...entry, error: cause });
    else if (failures.length > 0) log.warn('a scrape failed', { ...entry, failures });
    else log.debug('scraped', entry);
  }
}

/** What one run adds to the metrics of the reader. */
export function scrapeMetrics(outcomes: readonly ScrapeOutcome[]): readonly EmfMetric[] {
  const count = (of: (outcome: ScrapeOutcome) => boolean) => outcomes.filter(of).length;
  return [
    { name: 'Scrapes', unit: 'Count', value: outcomes.length },
    { name: 'ScrapesFailed', unit: 'Count', value: count(({ failures }) => failures.length > 0) },
    { name: 'ServerFaults', unit: 'Count', value: count(({ cause }) => cause !== undefined) },
    { name: 'SamplesAccepted', unit: 'Count', value: outcomes.reduce((sum, { accepted }) => sum + accepted, 0) },
  ];
}
