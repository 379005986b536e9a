import { goQuote } from './go-quote.ts';

/**
 * Bounds of every time in the API, ms: the range of a JavaScript date, some 275,000 years around the epoch. Clients ask
 * for "everything" with far wider bounds (Go's smallest and largest time), which are clamped to these.
 */
export const MIN_TIME = -8_640_000_000_000_000;
export const MAX_TIME = 8_640_000_000_000_000;

/**
 * A time parameter in whole ms: float seconds since the epoch or RFC 3339 with up to nanoseconds (cut to ms).
 * @throws Error with Prometheus's text
 */
export function parseTime(text: string): number {
  const ms = FLOAT.test(text) ? secondsToMs(text) : parseRfc3339(text);
  if (ms === undefined || Number.isNaN(ms)) throw new Error(`cannot parse ${goQuote(text)} to a valid timestamp`);
  return Math.min(Math.max(ms, MIN_TIME), MAX_TIME);
}

/** A decimal number as Go's ParseFloat takes it, without the forms that are no time (NaN, infinities, hexadecimal). */
export const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Prometheus rounds the fraction to ms before it adds it to the seconds, so that 1.0015 is 1001 or 1002 as there. */
function secondsToMs(text: string): number {
  const seconds = Number(text);
  const whole = Math.trunc(seconds);
  return whole * 1000 + Math.round((seconds - whole) * 1000);
}

const RFC3339 =
  /^(?<date>\d{4}-(?<month>\d\d)-(?<day>\d\d))T(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:[.,](?<fraction>\d+))?(?:Z|(?<sign>[+-])(?<zoneHour>\d\d):(?<zoneMinute>\d\d))$/;

/** The two texts with which Go clients spell their smallest and largest time; their years do not fit RFC 3339. */
const GO_EXTREMES: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': MIN_TIME,
  '292277025-08-18T07:12:54.999999999Z': MAX_TIME,
};

function parseRfc3339(text: string): number | undefined {
  const parts = RFC3339.exec(text)?.groups;
  if (parts === undefined) return GO_EXTREMES[text];
  const { date = '', month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0' } = parts;
  const midnight = new Date(`${date}T00:00:00Z`);
  if (midnight.getUTCMonth() + 1 !== Number(month) || midnight.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(zoneHour) > 24 || Number(zoneMinute) > 59) return undefined;
  const zone = (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  const clock = (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000;
  return midnight.getTime() + clock - zone + Number(fraction.padEnd(3, '0').slice(0, 3));
}
