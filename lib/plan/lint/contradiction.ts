import type { Matcher } from '../../model/matcher.ts';

/**
 * Why no series can satisfy all matchers: the matchers on one label that exclude each other. Undefined where some value
 * may pass, or where that cannot be told: only labels that can be listed (`=`, `=~"a|b"`) are looked through.
 */
export function contradiction(matchers: readonly Matcher[]): readonly Matcher[] | undefined {
  for (const matcher of matchers) {
    const same = matchers.filter(({ name }) => name === matcher.name);
    const values = matcher.setMatches;
    if (same.length < 2 || values === undefined) continue;
    if (!values.some((value) => same.every((other) => other.matches(value)))) return same;
  }
  return undefined;
}
