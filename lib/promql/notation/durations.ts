const UNITS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Milliseconds of a Prometheus duration such as `1h30m`, or of a plain number of seconds. */
export function parseDuration(text: string): number {
  if (/^[+-]/.test(text)) return (text.startsWith('-') ? -1 : 1) * parseDuration(text.slice(1));
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const groups = text === '' ? null : DURATION.exec(text);
  if (groups === null) throw new Error(`cannot parse duration ${JSON.stringify(text)}`);
  const factors = Object.values(UNITS);
  return groups.slice(1).reduce((sum, digits, i) => sum + Number(digits ?? 0) * (factors[i] as number), 0);
}
