const UNITS = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;
const FORM = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** A year or a week is written only where nothing is left over: people read 90d more easily than 12w6d. */
const EXACT_ONLY: ReadonlySet<string> = new Set(['y', 'w']);

/** The range of Go's `time.Duration`, in milliseconds. */
const MAX_DURATION = (2 ** 63 - 1) / 1e6;

/** Milliseconds of `1h30m` and the like, units in falling order; undefined when it is not a duration or too long. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = FORM.exec(text);
  if (match === null || text === '') return undefined;
  const total = UNITS.reduce((sum, [, size], i) => sum + Number(match[i + 1] ?? 0) * size, 0);
  return total > MAX_DURATION ? undefined : total;
}

/** `1h30m` of milliseconds, as Prometheus prints a duration; not negative. */
export function formatDuration(milliseconds: number): string {
  let rest = Math.trunc(milliseconds);
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, size] of UNITS) {
    if (EXACT_ONLY.has(unit) && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
