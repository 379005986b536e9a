import { isLegacyLabelName, METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import { earlyDrops } from './early-drops.ts';
import type { MatcherSpec, Plan } from './plan.ts';
import { decideByMark } from './write-relabel-mark.ts';
import { ANY_NAME, type NamedTerm, namedTerm, regexOf, type WriteRelabelConfig } from './write-relabel-term.ts';

/**
 * The `write_relabel_configs` with which a Prometheus sends exactly what passes our door, as YAML to be pasted under its
 * `remote_write`. First the names; then what relabel configs drop anyway; then, for names that only one term asks for,
 * what that term excludes; then, by a mark on each series, names whose terms ask for values of labels.
 */
export function writeRelabelConfigs(plan: Pick<Plan, 'selection' | 'relabelConfigs'>): string {
  const terms = plan.selection.map(namedTerm);
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
  const [alone, marked]: [NamedTerm[], NamedTerm[]] = [[], []];
  for (const term of terms) {
    const rivals = terms.filter((other) => other !== term && mayShareNames(term, other));
    const isPlain = [term, ...rivals].every(({ others }) => others.length === 0);
    if (isPlain) continue;
    (rivals.length === 0 && term.others.every(isExclusion) ? alone : marked).push(term);
  }
  return [...dropExcluded(alone), ...decideByMark(withRivals(marked, terms))];
}

/** What is marked is decided by the marks alone, so all terms that ask for one of its names take part. */
function withRivals(marked: readonly NamedTerm[], terms: readonly NamedTerm[]): NamedTerm[] {
  return terms.filter((term) => marked.includes(term) || marked.some((other) => mayShareNames(term, other)));
}

function mayShareNames(a: NamedTerm, b: NamedTerm): boolean {
  if (a.set === undefined) return b.set === undefined || mayShareNames(b, a);
  const isWanted = new Matcher('=~', METRIC_NAME, b.names);
  return a.set.some((name) => isWanted.matches(name));
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
    `action: ${action}`,
  ];
  return lines.map((line, i) => `${i === 0 ? '  - ' : '    '}${line}\n`).join('');
}
