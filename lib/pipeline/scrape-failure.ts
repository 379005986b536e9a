import { RemoteError } from '../remote/remote-error.ts';
import { ExpositionError, ExpositionLimitError } from '../textparse/errors.ts';
import type { Fault } from './intake-report.ts';

/**
 * What a failed page or scrape counts as.
 * @throws the error itself where no server can have caused it.
 */
export function scrapeFailure(error: unknown, server: string): Fault {
  if (error instanceof RemoteError) return { reason: `scrape_failed: ${error.reason}`, detail: error.message };
  if (!(error instanceof ExpositionError)) throw error;
  const detail = `${server}/federate: ${error.message}`;
  const isCount = error instanceof ExpositionLimitError && error.limit === 'samples';
  return { reason: isCount ? 'scrape_failed: too_many_samples' : 'scrape_failed: not_metrics', detail };
}
