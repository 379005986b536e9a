import type { Source } from '../context/tenant.ts';

/** Whether a source gives what it should. `silent`: nothing at all within the time that was looked at. */
export type Verdict = 'fresh' | 'late' | 'silent';

export interface Freshness {
  /** ms from one sign of life to the next, as the source is configured. */
  readonly expectedEvery: number;
  /** Age (ms) from which the source is late. */
  readonly lateAfter: number;
  /** ms; absent when there was nothing. */
  readonly age?: number;
  readonly verdict: Verdict;
}

/** Prometheus sends what it has after `batch_send_deadline`, a minute in the block that Tributary's outputs show. */
const SENDING_INTERVAL_MS = 60_000;

/** What the queue and the worker may take on top, ms. */
const TRANSIT_MS = 60_000;

/** Three in a row must be missing: one may be lost to a restart, two to a restart at a bad time. */
const MISSED_INTERVALS = 3;

/**
 * How fresh a source is whose last sign of life is `last` (ms): the time of its last request or scrape that was worked
 * off, of a query source the time up to which its results are stored.
 */
export function freshnessOf(source: Source, last: number | undefined, now: number): Freshness {
  const expectedEvery = source.type === 'remote_write' ? SENDING_INTERVAL_MS : source.interval;
  const delay = source.type === 'query' ? source.delay : 0;
  const lateAfter = MISSED_INTERVALS * expectedEvery + delay + TRANSIT_MS;
  if (last === undefined) return { expectedEvery, lateAfter, verdict: 'silent' };
  const age = Math.max(0, now - last);
  return { expectedEvery, lateAfter, age, verdict: age <= lateAfter ? 'fresh' : 'late' };
}
