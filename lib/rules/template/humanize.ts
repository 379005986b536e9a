import { formatGeneral } from './format-number.ts';

const LARGE = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const SMALL = ['', 'm', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];
const BINARY = ['', 'ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

/** Four significant digits and a metric prefix: `1.235k`, `12.3m`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatGeneral(value, 4);
  return Math.abs(value) >= 1 ? scaled(value, 1000, LARGE) : scaledUp(value);
}

/** As `humanize`, with prefixes of 1024: `1.5Ki` of 1536 is written `1.5ki`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return formatGeneral(value, 4);
  return scaled(value, 1024, BINARY);
}

/** Seconds as `1d 2h 3m 4s`; below a minute with four significant digits, below a second with a prefix. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatGeneral(seconds, 4);
  if (seconds === 0) return '0s';
  if (Math.abs(seconds) < 1) return `${scaledUp(seconds)}s`;
  const sign = seconds < 0 ? '-' : '';
  const magnitude = Math.abs(seconds);
  const whole = Math.trunc(magnitude);
  const [s, m, h, d] = [
    whole % 60,
    Math.trunc(whole / 60) % 60,
    Math.trunc(whole / 3600) % 24,
    Math.trunc(whole / 86_400),
  ];
  if (d !== 0) return `${sign}${d}d ${h}h ${m}m ${s}s`;
  if (h !== 0) return `${sign}${h}h ${m}m ${s}s`;
  if (m !== 0) return `${sign}${m}m ${s}s`;
  return `${sign}${formatGeneral(magnitude, 4)}s`;
}

/** `12.5%` of 0.125. */
export function humanizePercentage(ratio: number): string {
  return `${formatGeneral(ratio * 100, 4)}%`;
}

/** Unix seconds as `2026-11-22 11:17:03.5 +0000 UTC`. */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatGeneral(seconds, 4);
  const date = new Date(Math.round(seconds * 1000));
  if (Number.isNaN(date.getTime())) return formatGeneral(seconds, 4);
  const [day = '', time = ''] = date.toISOString().split('T');
  return `${day} ${time.replace('Z', '').replace(/\.?0*$/, '')} +0000 UTC`;
}

function scaled(value: number, base: number, prefixes: readonly string[]): string {
  let rest = value;
  let index = 0;
  while (Math.abs(rest) >= base && index < prefixes.length - 1) {
    rest /= base;
    index++;
  }
  return formatGeneral(rest, 4) + prefixes[index];
}

function scaledUp(value: number): string {
  let rest = value;
  let index = 0;
  while (Math.abs(rest) < 1 && index < SMALL.length - 1) {
    rest *= 1000;
    index++;
  }
  return formatGeneral(rest, 4) + SMALL[index];
}
