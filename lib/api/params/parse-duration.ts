import { goQuote } from './go-quote.ts';
import { FLOAT } from './parse-time.ts';

/**
 * A duration parameter in ms (perhaps with a fraction): float seconds, or units from years to milliseconds as in
 * `1h30m`. Only the float form can be negative.
 * @throws Error with Prometheus's text
 */
export function parseDuration(text: string): number {
  if (FLOAT.test(text)) return floatSeconds(text);
  const parts = text === '' ? null : UNITS.exec(text);
  if (parts === null) throw new Error(`cannot parse ${goQuote(text)} to a valid duration`);
  return withinInt64(
    text,
    parts.slice(1).reduce((sum, part, i) => sum + Number(part ?? 0) * (UNIT_MS[i] as number), 0),
  );
}

function floatSeconds(text: string): number {
  return withinInt64(text, Number(text) * 1000);
}

/** Durations are int64 nanoseconds in Prometheus; what does not fit is refused there with this text. */
function withinInt64(text: string, ms: number): number {
  if (Math.abs(ms) * 1e6 <= 2 ** 63) return ms;
  throw new Error(`cannot parse ${goQuote(text)} to a valid duration. It overflows int64`);
}

const UNITS = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;
/** A year is 365 days, as everywhere in Prometheus. */
const UNIT_MS = [365 * DAY, 7 * DAY, DAY, 3600 * SECOND, 60 * SECOND, SECOND, 1];
