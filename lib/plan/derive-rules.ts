import { lintContextLabel, lintRecord } from '../context/lint-record.ts';
import { compareStrings } from '../model/compare-strings.ts';
import type { Matcher } from '../model/matcher.ts';
import { printExpr } from '../promql/print.ts';
import { selectorsOf } from '../promql/walk.ts';
import type { Mistake } from '../rules/mistake.ts';
import type { Pack } from '../rules/pack.ts';
import type { RuleGroup } from '../rules/rule-group.ts';
import { parseAlertTemplate } from '../rules/template/parse-alert-template.ts';
import { type RuleSite, ruleMistake, sortedLabels } from './compile-rule.ts';
import { formatSelector } from './describe-plan.ts';
import { outputLabels } from './output-labels.ts';
import type { DerivedGroup, DerivedRule, KeptRaw, MappingRule, MatcherSpec, RuleOrigin } from './plan.ts';
import { ALERTS, ALERTS_FOR_STATE, mayCoincide, recordedSeries, selectedNames } from './recorded-series.ts';
import { levelRules } from './rule-graph.ts';

/** The part of a plan that is evaluated over the store. */
export interface DerivedRules {
  readonly derived: readonly DerivedGroup[];
  readonly keptRaw: readonly KeptRaw[];
  readonly mistakes: readonly Mistake[];
}

/** Plans the rules that are no mappings: their order, and the raw series that they need beside what `mappings` record. */
export function deriveRules(
  sites: readonly RuleSite[],
  mappings: readonly MappingRule[],
  packs: readonly Pack[],
): DerivedRules {
  const nodes = sites.map(({ rule, file, group }) => ({
    name: rule.kind === 'recording' ? rule.record : rule.alert,
    file,
    line: rule.line,
    group: `${file};${group}`,
    series: recordedSeries(rule),
    selectors: selectorsOf(rule.ast).map(({ matchers }) => matchers),
  }));
  const { levels, mistakes } = levelRules(nodes);
  return {
    derived: levels.length === 0 ? [] : groupsOf(sites, levels, packs),
    keptRaw: keptRawOf(sites, mappings),
    mistakes: [...sites.flatMap(lintSite), ...collisions(sites), ...mistakes],
  };
}

function groupsOf(sites: readonly RuleSite[], levels: readonly number[], packs: readonly Pack[]): DerivedGroup[] {
  const bySite = new Map<object, DerivedRule>(sites.map((site, i) => [site.rule, derivedRule(site, levels[i] ?? 0)]));
  return packs.flatMap(({ ruleFiles }) =>
    ruleFiles.flatMap(({ file, groups }) =>
      groups.flatMap((group) => {
        const rules = group.rules.flatMap((rule) => bySite.get(rule) ?? []);
        return rules.length === 0 ? [] : [derivedGroup(file, group, rules)];
      }),
    ),
  );
}

function derivedGroup(file: string, group: RuleGroup, rules: readonly DerivedRule[]): DerivedGroup {
  return {
    name: group.name,
    file,
    ...(group.interval !== undefined && group.interval > 0 && { interval: group.interval }),
    ...(group.queryOffset !== undefined && { queryOffset: group.queryOffset }),
    limit: group.limit,
    rules,
  };
}

function derivedRule(site: RuleSite, level: number): DerivedRule {
  const { rule } = site;
  const written = { expr: printExpr(rule.ast), labels: sortedLabels(rule.labels) };
  if (rule.kind === 'recording') {
    return { kind: 'recording', record: rule.record, ...written, level, origin: originOf(site) };
  }
  const { alert, keepFiringFor } = rule;
  const annotations = sortedLabels(rule.annotations);
  return {
    kind: 'alerting',
    alert,
    ...written,
    for: rule.for,
    keepFiringFor,
    annotations,
    level,
    origin: originOf(site),
  };
}

function originOf({ pack, file, rule, group }: RuleSite): RuleOrigin {
  return { pack, file, line: rule.line, group };
}

/** Vocabulary, and templates that can never be expanded. */
function lintSite(site: RuleSite): Mistake[] {
  const { rule, strict } = site;
  if (rule.kind === 'alerting') return [...lintAlertLabels(site), ...lintTemplates(site)];
  const possible = outputLabels(rule.ast);
  const written = possible === 'any' ? ANY_LABEL : possible;
  return lintRecord({ record: rule.record, labels: rule.labels, written, strict }).map(({ key, message }) =>
    ruleMistake(site, key, message),
  );
}

/** The labels of an expression that hands on whatever its data has. */
const ANY_LABEL: Pick<ReadonlySet<string>, 'has'> = { has: () => true };

function lintAlertLabels(site: RuleSite): Mistake[] {
  return Object.entries(site.rule.labels).flatMap(([name, value]) => {
    const message = lintContextLabel(name, value.includes('{{') ? '' : value, site.strict);
    return message === undefined ? [] : [ruleMistake(site, `labels.${name}`, message)];
  });
}

function lintTemplates(site: RuleSite): Mistake[] {
  const { rule } = site;
  if (rule.kind !== 'alerting') return [];
  const texts = [...entriesOf('labels', rule.labels), ...entriesOf('annotations', rule.annotations)];
  return texts.flatMap(([key, text]) => {
    try {
      parseAlertTemplate(text);
      return [];
    } catch (error) {
      return [ruleMistake(site, key, `${(error as Error).message} in ${JSON.stringify(text)}`)];
    }
  });
}

function entriesOf(key: string, map: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(map).map(([name, text]) => [`${key}.${name}`, text]);
}

/**
 * Two recording rules that can write one series would overwrite each other at every evaluation. Alerts may share a name:
 * Prometheus allows it, and what they are about tells them apart; only the very same alert twice is a mistake.
 */
function collisions(sites: readonly RuleSite[]): Mistake[] {
  const known = sites.map((site) => ({ site, series: recordedSeries(site.rule) }));
  return known.flatMap(({ site, series }, i) => {
    const twin = known.find((other, j) => j < i && collide(other.site, site) && mayCoincide(other.series, series));
    if (twin === undefined) return [];
    const at = `${twin.site.file}:${twin.site.rule.line}`;
    const message = `the rule at ${at} can write the same series; give the two different labels, or another name to one of them`;
    return [ruleMistake(site, site.rule.kind === 'recording' ? 'record' : 'alert', message)];
  });
}

function collide({ rule: a }: RuleSite, { rule: b }: RuleSite): boolean {
  if (a.kind === 'recording') return b.kind === 'recording';
  return b.kind === 'alerting' && a.alert === b.alert && printExpr(a.ast) === printExpr(b.ast);
}

/** What no rule records has to come from the raw series themselves. */
function keptRawOf(sites: readonly RuleSite[], mappings: readonly MappingRule[]): KeptRaw[] {
  const records = new Set([
    ALERTS,
    ALERTS_FOR_STATE,
    ...mappings.map(({ record }) => record),
    ...sites.flatMap(({ rule }) => (rule.kind === 'recording' ? [rule.record] : [])),
  ]);
  const kept = new Map<string, KeptRaw>();
  for (const site of sites) {
    for (const { matchers } of selectorsOf(site.rule.ast)) {
      if (!mayBeRaw(matchers, records)) continue;
      const specs = sortSpecs(matchers);
      const key = JSON.stringify(specs);
      if (!kept.has(key)) kept.set(key, { expr: formatSelector(specs), matchers: specs, origin: originOf(site) });
    }
  }
  return [...kept.values()];
}

/** Names that begin with `asserts:` are ours: where no rule records one, nothing else would bring it either. */
function mayBeRaw(matchers: readonly Matcher[], records: ReadonlySet<string>): boolean {
  const names = selectedNames(matchers);
  if (names !== undefined) return names.some((name) => !records.has(name) && !name.startsWith('asserts:'));
  return !matchers.some(({ name, prefix }) => name === '__name__' && prefix.startsWith('asserts:'));
}

function sortSpecs(matchers: readonly Matcher[]): MatcherSpec[] {
  const specs = matchers.map(({ type, name, value }) => ({ type, name, value }));
  return specs.sort((a, b) => compareStrings(`${a.name}\0${a.type}\0${a.value}`, `${b.name}\0${b.type}\0${b.value}`));
}
