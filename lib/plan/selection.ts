import type { Labels } from '../model/labels.ts';
import { METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import { earlyDrops } from './early-drops.ts';
import { NameIndex } from './name-index.ts';
import type { MatcherSpec, Plan } from './plan.ts';
import { RelabelSteps } from './relabel-steps.ts';

/** Tells whether any rule of the plan can use a raw series. */
export interface Selection {
  (labels: Labels): boolean;
  /** Whether any rule can use some series of that metric name, whatever its other labels are. */
  readonly usesName: (name: string) => boolean;
  /** Whether some rule can use every series of that metric name, and no relabel config may drop any. */
  readonly wantsName: (name: string) => boolean;
}

/**
 * Compiles what passes the door: what some rule can use and no relabel config will drop. One look-up decides on names
 * that no rule mentions.
 *
 * @throws RegexpError when a regex of the plan is not valid RE2.
 */
export function newSelection(plan: Pick<Plan, 'selection'> & Partial<Pick<Plan, 'relabelConfigs'>>): Selection {
  const terms = plan.selection.map((term) => compileMatchers(term.matchers));
  const index = new NameIndex(terms, (matchers) => matchers);
  const drops = new RelabelSteps(earlyDrops(plan.relabelConfigs ?? []));
  const survives = (labels: Labels) =>
    drops.of(labels.metricName).every(({ relabel }) => relabel(labels) !== undefined);
  const selects = (labels: Labels) => {
    for (const matchers of index.candidates(labels.metricName)) {
      if (matchesAll(matchers, labels)) return survives(labels);
    }
    return false;
  };
  const usesName = (name: string) => index.candidates(name).some((matchers) => matchesName(matchers, name));
  const wantsName = (name: string) =>
    drops.of(name).length === 0 &&
    index.candidates(name).some((matchers) => matchers.every(isOfName) && matchesName(matchers, name));
  return Object.assign(selects, { usesName, wantsName });
}

function isOfName({ name }: Matcher): boolean {
  return name === METRIC_NAME;
}

function matchesName(matchers: readonly Matcher[], name: string): boolean {
  return matchers.every((matcher) => matcher.name !== METRIC_NAME || matcher.matches(name));
}

/** @throws RegexpError when a regex is not valid RE2. */
export function compileMatchers(specs: readonly MatcherSpec[]): readonly Matcher[] {
  const matchers = specs.map(compiledOnce);
  // The cheapest first: equality before regex, the name (already looked up, mostly) first of all.
  return matchers.sort((a, b) => cost(a) - cost(b));
}

/** Matchers never change, and the rules of a plan repeat the same few: most of a cold start would go into their regexes. */
function compiledOnce({ type, name, value }: MatcherSpec): Matcher {
  const key = `${type}${name}\0${value}`;
  let matcher = compiled.get(key);
  if (matcher === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    matcher = new Matcher(type, name, value);
    compiled.set(key, matcher);
  }
  return matcher;
}

const compiled = new Map<string, Matcher>();
const MAX_COMPILED = 10_000;

export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  for (const matcher of matchers) if (!matcher.matches(labels.get(matcher.name))) return false;
  return true;
}

function cost({ name, type }: Matcher): number {
  if (name === METRIC_NAME) return 0;
  return type === '=' || type === '!=' ? 1 : 2;
}
