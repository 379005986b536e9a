import { Matcher } from '../model/matcher.ts';
import { quoteRegexp } from '../model/quote-regexp.ts';
import type { MatcherSpec } from './plan.ts';

/**
 * A matcher widened to series without its label, for somebody who sees them before the label may be added; nothing where
 * no single matcher can say that, or where it would let everything through.
 */
export function allowAbsent({ type, name, value }: MatcherSpec): MatcherSpec[] {
  if (new Matcher(type, name, value).matches('')) return [{ type, name, value }];
  if (type === '=') return [{ type: '=~', name, value: `${quoteRegexp(value)}|` }];
  return type === '=~' ? [{ type, name, value: `(?:${value})|` }] : [];
}
