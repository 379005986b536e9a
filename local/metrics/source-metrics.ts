import type { QuerySourceOutcome } from '../../lib/pipeline/query-source.ts';
import type { ScrapeOutcome } from '../../lib/pipeline/scrape-server.ts';
import { type Instruments, OUTCOMES, outcomeOf } from './instruments.ts';

/** What the reader of /federate does. */
export function federationMetrics(make: Instruments): (outcomes: readonly ScrapeOutcome[]) => void {
  const scrapes = make.counterOf('federation_scrapes_total', 'Scrapes of servers.', 'outcome', OUTCOMES);
  const samples = make.counter('federation_samples_total', 'Valid samples of their pages.');
  const duration = make.histogram('federation_scrape_duration_seconds', 'Time to scrape a server, all pages.');
  return (outcomes) => {
    for (const { duration: milliseconds, accepted, failures, cause } of outcomes) {
      scrapes.inc({ outcome: outcomeOf(failures.length, cause) });
      samples.inc(accepted);
      duration.observe(milliseconds / 1000);
    }
  };
}

/** What the reader of PromQL does. */
export function querySourceMetrics(make: Instruments): (outcomes: readonly QuerySourceOutcome[]) => void {
  const runs = make.counterOf('query_source_runs_total', 'Turns of query sources.', 'outcome', OUTCOMES);
  const samples = make.counter('query_source_samples_total', 'Results of rules that were stored.');
  const lag = make.gauge('query_source_lag_seconds', 'How far the source that is worst off is behind.');
  return (outcomes) => {
    for (const { stored, failures, cause } of outcomes) {
      runs.inc({ outcome: outcomeOf(failures.length, cause) });
      samples.inc(stored);
    }
    lag.set(Math.max(0, ...outcomes.map(({ behind }) => behind)) / 1000);
  };
}
