import { parseDuration as parseUnits } from '../../promql/duration.ts';
import { goQuote } from './go-quote.ts';
import { FLOAT } from './parse-time.ts';

/**
 * A duration parameter in ms (perhaps with a fraction): float seconds, or units from years to milliseconds as in
 * `1h30m`. Only the float form can be negative.
 * @throws Error with Prometheus's text
 */
export function parseDuration(text: string): number {
  const ms = FLOAT.test(text) ? Number(text) * 1000 : parseUnits(text);
  if (ms === undefined) throw new Error(`cannot parse ${goQuote(text)} to a valid duration`);
  if (Math.abs(ms) <= MAX_DURATION_MS) return ms;
  throw new Error(`cannot parse ${goQuote(text)} to a valid duration. It overflows int64`);
}

/** Durations are int64 nanoseconds in Prometheus. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;
