import { METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import { quoteRegexp } from '../model/quote-regexp.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';
import type { MatcherSpec, SelectionTerm } from './plan.ts';

/** What one name, or one pattern of names, needs beside it: a part of a selection term. */
export interface NamedTerm {
  /** A regex of the names, anchored by Prometheus. */
  readonly names: string;
  /** The name where it is one; absent for a set without end. */
  readonly name: string | undefined;
  readonly others: readonly MatcherSpec[];
}

/** What a written relabel config says; the rest has Prometheus's defaults. */
export type WriteRelabelConfig = Pick<RelabelConfig, 'regex' | 'action'> &
  Partial<Pick<RelabelConfig, 'sourceLabels' | 'separator' | 'targetLabel' | 'replacement'>>;

export const ANY_NAME = '.*';

/** Selection terms name by name, without those that ask for less than another one of the same name. */
export function namedTerms(selection: readonly SelectionTerm[]): NamedTerm[] {
  const byNames = new Map<string, NamedTerm[]>();
  for (const { others: written, ...named } of selection.flatMap(ofEachName)) {
    const term = { ...named, others: written.map(asExclusion) };
    const known = byNames.get(term.names) ?? [];
    if (known.some(({ others }) => isWithin(others, term.others))) continue;
    const left = known.filter(({ others }) => !isWithin(term.others, others));
    byNames.set(term.names, [...left, term]);
  }
  return [...byNames.values()].flat();
}

function ofEachName({ matchers }: SelectionTerm): NamedTerm[] {
  const name = matchers.find(
    (matcher) => matcher.name === METRIC_NAME && (matcher.type === '=' || matcher.type === '=~'),
  );
  if (name === undefined) return [{ names: ANY_NAME, name: undefined, others: matchers }];
  const others = matchers.filter((matcher) => matcher !== name);
  const set = new Matcher(name.type, name.name, name.value).setMatches;
  if (set === undefined) return [{ names: regexOf(name), name: undefined, others }];
  return set.map((one) => ({ names: quoteRegexp(one), name: one, others }));
}

/** No value is the same as not any value, and what is excluded needs no mark. */
function asExclusion(matcher: MatcherSpec): MatcherSpec {
  const isAbsent = matcher.type === '=' && matcher.value === '' && matcher.name !== METRIC_NAME;
  return isAbsent ? { ...matcher, type: '!~', value: '(?s:.+)' } : matcher;
}

/** Whether every matcher of `few` is one of `many`. */
function isWithin(few: readonly MatcherSpec[], many: readonly MatcherSpec[]): boolean {
  return few.every((a) => many.some((b) => a.name === b.name && a.type === b.type && a.value === b.value));
}

/** The values that a matcher asks for or excludes. */
export function regexOf({ type, value }: MatcherSpec): string {
  return type === '=' || type === '!=' ? quoteRegexp(value) : value;
}
