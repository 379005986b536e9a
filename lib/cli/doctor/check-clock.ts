import type { Finding } from './finding.ts';
import type { Probed } from './probe.ts';

/** A Date header has whole seconds, and a round trip takes its time. */
const TOLERATED_MS = 5000;

/** Samples further ahead are refused (`max_sample_ahead`). */
const BROKEN_MS = 10 * 60_000;

export interface ServerTime {
  /** The server's own `time()`, ms; absent where it shifts the times of queries. */
  readonly own?: number;
}

/** How far the clock of a server is off that of this machine: by its own time where it tells it, else by the header. */
export function checkClock({ headers, sent, received }: Probed, { own }: ServerTime = {}): Finding {
  const stamped = Date.parse(headers['date'] ?? '');
  const told = own ?? (Number.isNaN(stamped) ? undefined : stamped + 500);
  if (told === undefined) return { check: 'clock', verdict: 'note', message: 'the server does not tell its time' };
  const skew = told - (sent + received) / 2;
  const size = Math.abs(skew) - (received - sent) / 2;
  const message = `its clock is ${(Math.abs(skew) / 1000).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} this one`;
  if (size <= TOLERATED_MS) return { check: 'clock', verdict: 'ok', message };
  const remedy = 'let both machines keep their time by NTP: samples would come too late for rules, or be refused';
  return { check: 'clock', verdict: size > BROKEN_MS ? 'broken' : 'warning', message, remedy };
}

/** Whether the newest sample is one of now; nothing where there is none. */
export function checkFreshness(newest: number | undefined, now: number): Finding[] {
  const check = 'samples';
  if (newest === undefined) return [];
  const age = (now - newest) / 1000;
  const message = age < 0 ? `the newest is ${(-age).toFixed(0)} s ahead` : `the newest is ${age.toFixed(0)} s old`;
  if (age < -TOLERATED_MS / 1000)
    return [{ check, verdict: 'warning', message, remedy: 'look at the clocks of exporters' }];
  if (age > 300) return [{ check, verdict: 'warning', message, remedy: 'look whether the server still scrapes' }];
  return [{ check, verdict: 'ok', message }];
}
