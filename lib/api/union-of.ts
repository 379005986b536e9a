import { compareStrings } from '../model/compare-strings.ts';
import type { Matcher } from '../model/matcher.ts';

type Selectors = readonly (readonly Matcher[])[];

/** The sorted union of what a lookup finds for each selector; without any selector, of what it finds for all series. */
export async function unionOf(
  selectors: Selectors,
  lookup: (matchers: readonly Matcher[]) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const [first = [], ...rest] = selectors;
  if (rest.length === 0) return lookup(first);
  return (await unionBy(selectors, lookup, (text) => text)).sort(compareStrings);
}

/** Selectors that are looked up at a time: a request may have a thousand, each of which finds everything. */
const AT_A_TIME = 4;

/** What a lookup finds for each selector, each entry once: of those with the same key the last, at the place of the first. */
export async function unionBy<T>(
  selectors: Selectors,
  lookup: (matchers: readonly Matcher[]) => Promise<readonly T[]>,
  keyOf: (entry: T) => string,
): Promise<T[]> {
  const byKey = new Map<string, T>();
  for (let start = 0; start < selectors.length; start += AT_A_TIME) {
    const found = await Promise.all(selectors.slice(start, start + AT_A_TIME).map(lookup));
    for (const entry of found.flat()) byKey.set(keyOf(entry), entry);
  }
  return [...byKey.values()];
}
