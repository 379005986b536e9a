import { METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';
import type { MatcherSpec, SelectionTerm } from './plan.ts';
import { quoteRegexp } from './quote-regexp.ts';

/** A selection term as relabel configs need it. */
export interface NamedTerm {
  /** A regex of the names, anchored by Prometheus. */
  readonly names: string;
  /** The names themselves where they are a finite set. */
  readonly set: readonly string[] | undefined;
  readonly others: readonly MatcherSpec[];
}

/** What a written relabel config says; the rest has Prometheus's defaults. */
export type WriteRelabelConfig = Pick<RelabelConfig, 'regex' | 'action'> &
  Partial<Pick<RelabelConfig, 'sourceLabels' | 'separator' | 'targetLabel' | 'replacement'>>;

export const ANY_NAME = '.*';

export function namedTerm({ matchers }: SelectionTerm): NamedTerm {
  const name = matchers.find(
    (matcher) => matcher.name === METRIC_NAME && (matcher.type === '=' || matcher.type === '=~'),
  );
  if (name === undefined) return { names: ANY_NAME, set: undefined, others: matchers };
  return {
    names: regexOf(name),
    set: new Matcher(name.type, name.name, name.value).setMatches,
    others: matchers.filter((matcher) => matcher !== name),
  };
}

/** The values that a matcher asks for or excludes. */
export function regexOf({ type, value }: MatcherSpec): string {
  return type === '=' || type === '!=' ? quoteRegexp(value) : value;
}
