import type { QuerySourceOutcome } from '../pipeline/query-source.ts';
import type { EmfMetric } from './emf.ts';
import type { Log } from './log.ts';

/** Of a server that is down every question fails, mostly in the same words. */
const MAX_FAILURES_LOGGED = 9;

/** Logs every source that was not asked or did not answer everything; what went well only in detail. */
export function logQuerySources(outcomes: readonly QuerySourceOutcome[], log: Log): void {
  for (const { target, failures, cause, ...counts } of outcomes) {
    const { tenant, source } = target;
    const told = failures.slice(0, MAX_FAILURES_LOGGED);
    const entry = { tenant: tenant.name, source: source.name, ...counts, failures: told };
    if (cause !== undefined) log.error('cannot store what a source gave', { ...entry, error: cause });
    else if (failures.length + counts.skipped > 0) log.warn('not everything was asked or answered', entry);
    else log.debug('asked', entry);
  }
}

/** What one run adds to the metrics of the reader: the source that is worst off decides over the lag. */
export function querySourceMetrics(outcomes: readonly QuerySourceOutcome[]): readonly EmfMetric[] {
  const count = (of: (outcome: QuerySourceOutcome) => boolean) => outcomes.filter(of).length;
  return [
    { name: 'SourceLag', unit: 'Seconds', value: Math.max(0, ...outcomes.map(({ behind }) => behind)) / 1000 },
    { name: 'SourcesFailed', unit: 'Count', value: count(({ failures }) => failures.length > 0) },
    { name: 'ServerFaults', unit: 'Count', value: count(({ cause }) => cause !== undefined) },
    { name: 'SamplesStored', unit: 'Count', value: outcomes.reduce((sum, { stored }) => sum + stored, 0) },
  ];
}
