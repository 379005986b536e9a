import { type Html, html } from './html.ts';

/** A count as people read it: 1,234,567. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

/** A duration (ms) in its two largest units: `2 h 5 min`. */
export function ageText(ms: number): string {
  const first = UNITS.findIndex(([size]) => ms >= size);
  if (first < 0) return '0 s';
  const [[size, unit], next] = [UNITS[first] as readonly [number, string], UNITS[first + 1]];
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next[0]);
  const smaller = next === undefined || rest === 0 ? '' : ` ${rest} ${next[1]}`;
  return `${Math.floor(ms / size)} ${unit}${smaller}`;
}

/** What a verdict of `/api/v1/status/*` is to somebody who looks at it. */
const MOODS: Readonly<Record<string, 'good' | 'poor' | 'bad'>> = {
  fresh: 'good',
  current: 'good',
  none: 'good',
  late: 'poor',
  behind: 'poor',
  never: 'poor',
  silent: 'bad',
};

/** A verdict with a dot in its colour; the word says the same to who sees no colours. */
export function stateOf(verdict: string): Html {
  return html`<span class="state ${MOODS[verdict] ?? 'poor'}">${verdict}</span>`;
}
