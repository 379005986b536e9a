import { compareStrings } from '../model/compare-strings.ts';
import type { Matcher } from '../model/matcher.ts';

/** The sorted union of what a lookup finds for each selector; without any selector, of what it finds for all series. */
export async function unionOf(
  selectors: readonly (readonly Matcher[])[],
  lookup: (matchers: readonly Matcher[]) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const [first = [], ...rest] = selectors;
  if (rest.length === 0) return lookup(first);
  const found = await Promise.all(selectors.map(lookup));
  return [...new Set(found.flat())].sort(compareStrings);
}
