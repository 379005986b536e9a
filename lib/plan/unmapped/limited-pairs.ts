import type { MetricFamily } from './metric-family.ts';

/** An amount and what bounds it. */
export interface LimitedPair {
  readonly used: MetricFamily;
  readonly limit: MetricFamily;
}

/** Words for a bound, the plainest first: `max` of two metrics rather than `size`. */
const LIMITS = ['max', 'maximum', 'limit', 'capacity', 'total', 'size'];

/** Words for what is in use; `''` where the amount has no word of its own. */
const AMOUNTS = [
  'used',
  'current',
  'open',
  'active',
  'usage',
  'in_use',
  'allocated',
  'busy',
  'length',
  'depth',
  'size',
  '',
];

/** What is left is not what is in use. */
const LEFT = /(^|_)(free|avail|available|idle|remaining|desired|min)(_|$)/i;

/** Pairs whose names differ only in these words: `process_open_fds` and `process_max_fds`. */
export function limitedPairs(families: readonly MetricFamily[]): LimitedPair[] {
  const byName = new Map(families.map((family) => [family.name, family]));
  const taken = new Set<MetricFamily>();
  const pairs: LimitedPair[] = [];
  for (const word of LIMITS) {
    for (const limit of families) {
      if (taken.has(limit) || !wordsOf(limit.name).includes(word)) continue;
      const used = AMOUNTS.map((amount) => byName.get(replaced(limit.name, word, amount))).find(
        (found) => found !== undefined && found !== limit && !taken.has(found) && !LEFT.test(found.name),
      );
      if (used === undefined) continue;
      taken.add(used).add(limit);
      pairs.push({ used, limit });
    }
  }
  return pairs;
}

function wordsOf(name: string): string[] {
  return name.split('_');
}

function replaced(name: string, word: string, by: string): string {
  const words = wordsOf(name);
  const index = words.lastIndexOf(word);
  return [...words.slice(0, index), ...(by === '' ? [] : [by]), ...words.slice(index + 1)].join('_');
}
