import { isLegacyLabelName, METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import { earlyDrops } from './early-drops.ts';
import type { MatcherSpec, Plan } from './plan.ts';
import { decideByMark } from './write-relabel-mark.ts';
import { ANY_NAME, type NamedTerm, namedTerms, regexOf, type WriteRelabelConfig } from './write-relabel-term.ts';

/**
 * The `write_relabel_configs` with which a Prometheus sends exactly what passes our door, as YAML to be pasted under its
 * `remote_write`. First the names; then what relabel configs drop anyway; then, for names that only one term asks for,
 * what that term excludes; then, by a mark on each series, names whose terms ask for values of labels.
 */
export function writeRelabelConfigs(plan: Pick<Plan, 'selection' | 'relabelConfigs'>): string {
  const terms = namedTerms(plan.selection);
  const isOpen = terms.some(({ names, others }) => names === ANY_NAME && others.length === 0);
  const configs = [
    ...(isOpen ? [] : keepNames(terms)),
    ...earlyDrops(plan.relabelConfigs),
    ...(isOpen ? [] : decide(terms)),
  ];
  if (configs.length === 0) return 'write_relabel_configs: []\n';
  return `write_relabel_configs:\n${configs.map(toYaml).join('')}`;
}

/** Nothing where some term takes any name. */
function keepNames(terms: readonly NamedTerm[]): WriteRelabelConfig[] {
  const names = [...new Set(terms.map((term) => term.names))];
  if (names.includes(ANY_NAME)) return [];
  return [{ sourceLabels: [METRIC_NAME], regex: names.join('|'), action: 'keep' }];
}

/** What is to be said of labels once the names are kept. */
function decide(terms: readonly NamedTerm[]): WriteRelabelConfig[] {
  const rivalsOf = rivals(terms);
  const [alone, marked]: [NamedTerm[], Set<NamedTerm>] = [[], new Set()];
  for (const term of terms) {
    const others = rivalsOf(term);
    if ([term, ...others].every((one) => one.others.length === 0)) continue;
    if (others.length === 0 && term.others.every(isExclusion)) alone.push(term);
    // What is marked is decided by the marks alone, so all terms that ask for one of its names take part.
    else for (const one of [term, ...others]) marked.add(one);
  }
  return [...dropExcluded(alone), ...decideByMark(terms.filter((term) => marked.has(term)))];
}

/** Other terms that may ask for a name of a term. */
function rivals(terms: readonly NamedTerm[]): (term: NamedTerm) => readonly NamedTerm[] {
  const named = new Map<string, NamedTerm[]>();
  for (const term of terms) {
    if (term.name !== undefined) named.set(term.name, [...(named.get(term.name) ?? []), term]);
  }
  const patterns = terms
    .filter(({ name }) => name === undefined)
    .map((term) => ({ term, matcher: new Matcher('=~', METRIC_NAME, term.names) }));
  return (term) => {
    const { name } = term;
    if (name !== undefined) {
      const wider = patterns.filter(({ matcher }) => matcher.matches(name)).map((one) => one.term);
      return [...(named.get(name) ?? []).filter((other) => other !== term), ...wider];
    }
    const own = new Matcher('=~', METRIC_NAME, term.names);
    return terms.filter((other) => other !== term && (other.name === undefined || own.matches(other.name)));
  };
}

function isExclusion({ name, type }: MatcherSpec): boolean {
  return name !== METRIC_NAME && (type === '!=' || type === '!~');
}

/** One config for all names that exclude the same values of the same label. */
function dropExcluded(terms: readonly NamedTerm[]): WriteRelabelConfig[] {
  const names = new Map<string, { readonly label: string; readonly excluded: string; readonly names: string[] }>();
  for (const term of terms) {
    for (const matcher of term.others) {
      const excluded = regexOf(matcher);
      const key = `${matcher.name}\0${excluded}`;
      const group = names.get(key) ?? { label: matcher.name, excluded, names: [] };
      group.names.push(term.names);
      names.set(key, group);
    }
  }
  return [...names.values()].map(({ label, excluded, names: of }) => ({
    sourceLabels: [METRIC_NAME, label],
    regex: `(?:${of.join('|')});(?:${excluded})`,
    action: 'drop',
  }));
}

/** JSON strings are YAML strings. */
function toYaml({
  sourceLabels = [],
  separator = ';',
  regex,
  targetLabel,
  replacement,
  action,
}: WriteRelabelConfig): string {
  const names = sourceLabels.map((name) => (isLegacyLabelName(name) ? name : JSON.stringify(name)));
  const lines = [
    ...(names.length === 0 ? [] : [`source_labels: [${names.join(', ')}]`]),
    ...(separator === ';' ? [] : [`separator: ${JSON.stringify(separator)}`]),
    `regex: ${JSON.stringify(regex)}`,
    ...(action === 'replace' ? [`target_label: ${targetLabel}`, `replacement: ${replacement}`] : []),
    ...(action === 'replace' ? [] : [`action: ${action}`]),
  ];
  return lines.map((line, i) => `${i === 0 ? '  - ' : '    '}${line}\n`).join('');
}
