import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';

/** Whether a label set satisfies every matcher; an absent label is the empty string. */
export function matchLabels(labels: Labels, matchers: readonly Matcher[]): boolean {
  for (const matcher of matchers) if (!matcher.matches(labels.get(matcher.name))) return false;
  return true;
}
