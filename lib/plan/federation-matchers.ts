import { METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import { quoteRegexp } from '../model/quote-regexp.ts';
import { allowAbsent } from './allow-absent.ts';
import type { MatcherSpec, Plan } from './plan.ts';

/** Characters of one selector, percent-encoded. Together with its page it stays far below the usual 8 KiB of a request line. */
const MAX_SELECTOR_LENGTH = 2000;

/** Characters of all `match[]` of one URL, percent-encoded. */
const MAX_QUERY_LENGTH = 6000;

/**
 * The selectors with which `/federate` answers what the plan's selection needs, and as little else as selectors can say.
 * Terms that differ only in their name become one selector, cut where it would grow too long for a URL.
 *
 * A server matches before it adds its `external_labels`, the selection holds for series that have them. So a matcher
 * that a missing label would fail lets series without that label through here, and the selection decides afterwards.
 */
export function federationMatchers(plan: Pick<Plan, 'selection'>): string[] {
  const minimal = withoutCovered(plan.selection.flatMap(({ matchers }) => asServerTerms(matchers)));
  const groups = new Map<string, Term[]>();
  for (const term of minimal) {
    const key = term.others.join(',');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [term]);
    else group.push(term);
  }
  return [...groups.values()].flatMap(selectorsOf);
}

/**
 * Shares selectors out among URLs, so that none is too long and no answer holds everything.
 * @throws Error when one selector alone is too long: a rule has a regex that no server would take.
 */
export function federationPages(selectors: readonly string[]): string[][] {
  const pages: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const selector of selectors) {
    const own = encodedLength(`&match[]=${selector}`);
    if (own > MAX_QUERY_LENGTH) {
      throw new Error(
        `cannot ask a server for ${selector.slice(0, 200)}…: it is longer than ${MAX_QUERY_LENGTH} characters`,
      );
    }
    length += own;
    if (length > MAX_QUERY_LENGTH) {
      pages.push([]);
      length = own;
    }
    pages.at(-1)?.push(selector);
  }
  return pages;
}

interface Term {
  /** A regex of one name, or of a set without end; undefined where every name may do. */
  readonly name: string | undefined;
  /** The other matchers as a selector writes them, sorted. */
  readonly others: readonly string[];
}

/** One term for each name, where names can be told apart. */
function asServerTerms(matchers: readonly MatcherSpec[]): Term[] {
  const name = matchers.find((matcher) => matcher.name === METRIC_NAME && ['=', '=~'].includes(matcher.type));
  const others = [...new Set(matchers.filter((matcher) => matcher !== name).flatMap(asServerMatcher))].sort();
  if (name === undefined) return [{ name: undefined, others }];
  const names = new Matcher(name.type, name.name, name.value).setMatches?.map(quoteRegexp) ?? [name.value];
  return names.map((one) => ({ name: one, others }));
}

/** No server adds a name; every other label it may add. */
function asServerMatcher(spec: MatcherSpec): string[] {
  const widened = spec.name === METRIC_NAME ? [spec] : allowAbsent(spec);
  return widened.map(({ type, name, value }) => formatMatcher(name, type, value));
}

/** Leaves out terms whose series another one asks for too. */
function withoutCovered(terms: readonly Term[]): Term[] {
  const byName = new Map<string | undefined, Term[]>([[undefined, []]]);
  for (const term of terms) {
    const known = byName.get(term.name);
    if (known === undefined) byName.set(term.name, [term]);
    else known.push(term);
  }
  const kept = new Set<Term>();
  for (const term of terms) {
    const rivals = [...(byName.get(term.name) ?? []), ...(byName.get(undefined) ?? [])];
    if (!rivals.some((other) => other !== term && covers(other, term, kept.has(other)))) kept.add(term);
  }
  return [...kept];
}

/** Whether `other`, of the same name or of any, asks for less; of two equal terms the one that is kept already counts. */
function covers(other: Term, term: Term, isKept: boolean): boolean {
  if (!other.others.every((matcher) => term.others.includes(matcher))) return false;
  return isKept || other.others.length < term.others.length || (other.name === undefined && term.name !== undefined);
}

/** One selector, or as many as its names need. All terms have the same other matchers. */
function selectorsOf(terms: readonly Term[]): string[] {
  const [{ others } = { others: [] }] = terms;
  if (terms.some(({ name }) => name === undefined)) return [formatSelector(undefined, others)];
  const patterns = terms.flatMap(({ name }) => name ?? []);
  const selectors: string[] = [];
  let alternatives: string[] = [];
  for (const pattern of patterns) {
    const longer = formatSelector([...alternatives, pattern], others);
    if (alternatives.length > 0 && encodedLength(longer) > MAX_SELECTOR_LENGTH) {
      selectors.push(formatSelector(alternatives, others));
      alternatives = [];
    }
    alternatives.push(pattern);
  }
  return [...selectors, formatSelector(alternatives, others)];
}

function formatSelector(names: readonly string[] | undefined, others: readonly string[]): string {
  return `{${[nameMatcher(names), ...others].join(',')}}`;
}

/** A selector must have a matcher that the empty string does not satisfy; `!=""` lets every name through. */
function nameMatcher(names: readonly string[] | undefined): string {
  if (names === undefined) return formatMatcher(METRIC_NAME, '!=', '');
  const [only = ''] = names;
  const isPlain = names.length === 1 && /^[a-zA-Z0-9_:]+$/.test(only);
  return formatMatcher(METRIC_NAME, isPlain ? '=' : '=~', names.join('|'));
}

/** Names outside the legacy alphabet are quoted, as Prometheus 3 reads them. */
function formatMatcher(name: string, type: MatcherSpec['type'], value: string): string {
  return `${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : JSON.stringify(name)}${type}${JSON.stringify(value)}`;
}

function encodedLength(text: string): number {
  return encodeURIComponent(text).length;
}
