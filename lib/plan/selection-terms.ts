import { isIdentityLabel } from '../context/identity.ts';
import { ENV_LABEL, SITE_LABEL } from '../context/scope.ts';
import { METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import { compileRegexp } from '../model/regexp.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';
import { allowAbsent } from './allow-absent.ts';
import { NAME_LABEL } from './mapping.ts';
import type { MappingRule, MatcherSpec, SelectionTerm } from './plan.ts';
import { mayConcern } from './push-down-labels.ts';
import { selectedNames } from './recorded-series.ts';
import { writtenLabel } from './written-label.ts';

/**
 * What a raw series must look like for some rule to use it. A rule's matchers hold for labels *after* relabelling, the
 * door sees them before: matchers on labels that scope or relabel configs may write are left out, those on identity
 * labels let series without the label through, and where a label may be removed, matchers that an absent label satisfies
 * are left out. So a term may let through too much, never too little.
 */
export function selectionTerms(
  mappings: readonly Pick<MappingRule, 'matchers'>[],
  relabelConfigs: readonly RelabelConfig[],
): SelectionTerm[] {
  const beforeRelabelling = newWidening(relabelConfigs);
  const terms = mappings.map(({ matchers }) => sortMatchers(beforeRelabelling(matchers)));
  const distinct = [...new Map(terms.map((term) => [JSON.stringify(term), term])).values()];
  return distinct.filter((term) => !distinct.some((other) => other !== term && implies(term, other))).map(asTerm);
}

/** Whether some relabel config renames metrics, so that the door can no longer select by name. */
export function writesMetricName(relabelConfigs: readonly RelabelConfig[]): boolean {
  return relabelConfigs.some((config) => writtenLabel(config) === METRIC_NAME);
}

/** What raw series look like whose labels will satisfy the matchers, as far as matchers can say it. */
function newWidening(
  relabelConfigs: readonly RelabelConfig[],
): (matchers: readonly MatcherSpec[]) => readonly MatcherSpec[] {
  const writers = newWriters(relabelConfigs);
  const ours = new Set([ENV_LABEL, SITE_LABEL, NAME_LABEL]);
  const removals = relabelConfigs.filter(({ action }) => action === 'labeldrop' || action === 'labelkeep').map(removal);
  return (matchers) => {
    const names = selectedNames(matchers.map(({ type, name, value }) => new Matcher(type, name, value)));
    const isWritten = (label: string) =>
      ours.has(label) || writers(label).some((config) => names?.some((metric) => mayConcern(config, metric)) ?? true);
    return matchers
      .filter(({ name }) => !isWritten(name))
      .flatMap((spec) => (isIdentityLabel(spec.name) ? allowAbsent(spec) : [spec]))
      .filter((spec) => !removals.some((removes) => removes(spec.name)) || !matchesAbsent(spec));
  };
}

/** The configs that may write a label. Names made of the data are taken not to be the metric's. */
function newWriters(relabelConfigs: readonly RelabelConfig[]): (label: string) => readonly RelabelConfig[] {
  const known = new Map<string, RelabelConfig[]>();
  for (const config of relabelConfigs) {
    const label = writtenLabel(config);
    if (label !== undefined) known.set(label, [...(known.get(label) ?? []), config]);
  }
  const open = known.get('any') ?? [];
  return (label) => [...(known.get(label) ?? []), ...(label === METRIC_NAME ? [] : open)];
}

function removal({ action, regex }: RelabelConfig): (name: string) => boolean {
  const matcher = compileRegexp(regex);
  return (name) => matcher.matches(name) === (action === 'labeldrop');
}

function matchesAbsent({ type, name, value }: MatcherSpec): boolean {
  return new Matcher(type, name, value).matches('');
}

/** The name first, the rest by label: equal terms are written equally. */
function sortMatchers(matchers: readonly MatcherSpec[]): MatcherSpec[] {
  const key = ({ type, name, value }: MatcherSpec) => `${name === METRIC_NAME ? '' : name}\0${type}\0${value}`;
  return [...matchers].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** Whether every series of `term` is one of `other` too, because `other` asks for less. */
function implies(term: readonly MatcherSpec[], other: readonly MatcherSpec[]): boolean {
  return other.length < term.length && other.every((matcher) => term.some((own) => sameMatcher(own, matcher)));
}

function sameMatcher(a: MatcherSpec, b: MatcherSpec): boolean {
  return a.type === b.type && a.name === b.name && a.value === b.value;
}

function asTerm(matchers: readonly MatcherSpec[]): SelectionTerm {
  return { matchers };
}
