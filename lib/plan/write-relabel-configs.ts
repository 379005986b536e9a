import { METRIC_NAME } from '../model/labels.ts';
import { Matcher } from '../model/matcher.ts';
import type { RelabelConfig } from '../relabel/relabel-config.ts';
import { earlyDrops } from './early-drops.ts';
import type { MatcherSpec, Plan, SelectionTerm } from './plan.ts';

/**
 * The `write_relabel_configs` with which a Prometheus sends what the selection needs and (nearly) nothing else, as YAML
 * to be pasted under its `remote_write`. First the names; then what relabel configs drop anyway; then, for names that only
 * one term asks for, what that term excludes by `!=` and `!~`. Whatever else passes is refused at our door, so the result is the same, at a higher price.
 *
 * A plan that cannot select by name keeps every name: all of it has to be sent.
 */
export function writeRelabelConfigs(plan: Pick<Plan, 'version' | 'selection' | 'relabelConfigs'>): string {
  const terms = plan.selection.map(namedTerm);
  const named = terms.filter((term) => term !== undefined);
  const head = `# Made by \`tributary plan --relabel\` from plan ${plan.version}. Make it again when rules change.\n`;
  const selective = named.length === terms.length && named.length > 0;
  const configs: WriteRelabelConfig[] = [
    ...(selective ? [keepNames(named)] : []),
    ...earlyDrops(plan.relabelConfigs),
    ...(selective ? dropExcluded(named.filter((term) => isAlone(term, named))) : []),
  ];
  if (configs.length === 0) return `${head}write_relabel_configs: []\n`;
  return `${head}write_relabel_configs:\n${configs.map(toYaml).join('')}`;
}

interface NamedTerm {
  /** A regex of the names, anchored by Prometheus. */
  readonly names: string;
  /** The names themselves where they are a finite set. */
  readonly set: readonly string[] | undefined;
  readonly others: readonly MatcherSpec[];
}

type WriteRelabelConfig = Pick<RelabelConfig, 'sourceLabels' | 'separator' | 'regex' | 'action'>;

function namedTerm({ matchers }: SelectionTerm): NamedTerm | undefined {
  const name = matchers.find(
    (matcher) => matcher.name === METRIC_NAME && (matcher.type === '=' || matcher.type === '=~'),
  );
  if (name === undefined) return undefined;
  return {
    names: name.type === '=' ? quoteRegexp(name.value) : name.value,
    set: new Matcher(name.type, name.name, name.value).setMatches,
    others: matchers.filter((matcher) => matcher !== name),
  };
}

function keepNames(terms: readonly NamedTerm[]): WriteRelabelConfig {
  const names = [...new Set(terms.map((term) => term.names))];
  return { sourceLabels: [METRIC_NAME], regex: names.join('|'), separator: ';', action: 'keep' };
}

/** Whether no other term asks for a name of this one; then what it excludes nobody needs. */
function isAlone(term: NamedTerm, terms: readonly NamedTerm[]): boolean {
  const { set } = term;
  if (set === undefined) return false;
  return terms.every(
    (other) => other === term || (other.set !== undefined && !other.set.some((name) => set.includes(name))),
  );
}

/** One config for all names that exclude the same values of the same label. */
function dropExcluded(terms: readonly NamedTerm[]): WriteRelabelConfig[] {
  const names = new Map<string, { readonly label: string; readonly excluded: string; readonly names: string[] }>();
  for (const term of terms) {
    for (const { type, name: label, value } of term.others) {
      if (label === METRIC_NAME || (type !== '!=' && type !== '!~')) continue;
      const excluded = type === '!=' ? quoteRegexp(value) : value;
      const key = `${label}\0${excluded}`;
      const group = names.get(key) ?? { label, excluded, names: [] };
      group.names.push(term.names);
      names.set(key, group);
    }
  }
  return [...names.values()].map(({ label, excluded, names: of }) => ({
    sourceLabels: [METRIC_NAME, label],
    separator: ';',
    regex: `(?:${of.join('|')});(?:${excluded})`,
    action: 'drop',
  }));
}

/** JSON strings are YAML strings. */
function toYaml({ sourceLabels, separator, regex, action }: WriteRelabelConfig): string {
  const lines = [
    `- source_labels: [${sourceLabels.join(', ')}]`,
    ...(separator === ';' ? [] : [`  separator: ${JSON.stringify(separator)}`]),
    `  regex: ${JSON.stringify(regex)}`,
    `  action: ${action}`,
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

function quoteRegexp(text: string): string {
  return text.replace(/[\\.+*?()[\]{}^$|]/g, '\\$&');
}
