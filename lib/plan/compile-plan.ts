import { createHash } from 'node:crypto';
import { lintContextLabel } from '../context/lint-record.ts';
import { ENV_LABEL, SITE_LABEL } from '../context/scope.ts';
import { vocabularyMetric } from '../context/vocabulary.ts';
import { compareStrings } from '../model/compare-strings.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import { selectorsOf } from '../promql/walk.ts';
import { parseTemplate } from '../relabel/template.ts';
import { type Mistake, MistakesError } from '../rules/mistake.ts';
import type { Pack } from '../rules/pack.ts';
import { compileRule, type RuleSite } from './compile-rule.ts';
import { deriveRules } from './derive-rules.ts';
import type { DerivedGroup, MappingRule, Plan, PlannedRelabelConfig } from './plan.ts';
import { selectedNames } from './recorded-series.ts';
import { selectionTerms } from './selection-terms.ts';

/** What a plan is made of. The order of the packs is the order in which their relabel configs are applied. */
export interface PlanInputs {
  readonly packs: readonly Pack[];
}

/**
 * Compiles packs into a plan. Equal inputs give equal plans, down to the version.
 *
 * @throws MistakesError with everything in the rules that cannot be planned: labels outside the vocabulary, expressions
 * that can never be evaluated, rules written twice, rules that write the same series or feed on each other.
 */
export function compilePlan({ packs }: PlanInputs): Plan {
  const mistakes: Mistake[] = [];
  const relabelConfigs = packs.flatMap(plannedRelabelConfigs);
  mistakes.push(...packs.flatMap(lintRelabelConfigs));
  const relabelled = new Set([ENV_LABEL, SITE_LABEL, ...relabelConfigs.map(({ targetLabel }) => targetLabel)]);
  const sites = ruleSites(packs);
  const recorded = recordedElsewhere(sites);
  const evaluated: RuleSite[] = [];
  const mappings = sites.flatMap((site) => {
    const compiled = compileRule(site, relabelled, recorded);
    mistakes.push(...compiled.mistakes);
    if (compiled.mapping !== undefined) return [compiled.mapping];
    evaluated.push(site);
    return [];
  });
  const { derived, keptRaw, mistakes: ofDerived } = deriveRules(evaluated, mappings, packs);
  mistakes.push(...ofDerived);
  mistakes.push(...repeatedRules(mappings));
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  const content = {
    packs: packs.map(({ name }) => name),
    relabelConfigs,
    mappings,
    derived,
    keptRaw,
    selection: selectionTerms([...mappings, ...keptRaw], relabelConfigs),
    metadata: metadataOf([...mappings.map(({ record }) => record), ...recordsOf(derived)]),
  };
  return { version: contentHash(content), ...content };
}

function plannedRelabelConfigs({ name, relabelFiles }: Pack): PlannedRelabelConfig[] {
  return relabelFiles.flatMap(({ file, configs }) =>
    configs.map(({ config, line }) => ({ ...config, origin: { pack: name, file, line } })),
  );
}

function lintRelabelConfigs({ relabelFiles, strict }: Pack): Mistake[] {
  return relabelFiles.flatMap(({ file, configs }) =>
    configs.flatMap(({ config, line }) => {
      const fixed = config.action === 'replace' && !parseTemplate(config.replacement).hasReferences;
      const message = lintContextLabel(config.targetLabel, fixed ? config.replacement : '', strict);
      return message === undefined ? [] : [{ file, line, key: 'target_label', message }];
    }),
  );
}

function ruleSites(packs: readonly Pack[]): RuleSite[] {
  return packs.flatMap(({ name, strict, ruleFiles }) =>
    ruleFiles.flatMap(({ file, groups }) =>
      groups.flatMap((group) => group.rules.map((rule) => ({ pack: name, strict, file, group: group.name, rule }))),
    ),
  );
}

/** Two rules that make the very same series of the same data would count everything twice. */
function repeatedRules(mappings: readonly MappingRule[]): Mistake[] {
  const first = new Map<string, MappingRule>();
  return mappings.flatMap((mapping) => {
    const { record, matchers, steps, labels, origin } = mapping;
    const key = JSON.stringify([record, matchers, steps, Object.entries(labels).sort()]);
    const twin = first.get(key);
    if (twin === undefined) {
      first.set(key, mapping);
      return [];
    }
    const message = `this rule is already at ${twin.origin.file}:${twin.origin.line}; remove one of the two`;
    return [{ file: origin.file, line: origin.line, key: 'record', message }];
  });
}

/** Whether a name is recorded by another rule. A rule whose record is the name it reads renames raw series to themselves. */
function recordedElsewhere(sites: readonly RuleSite[]): (name: string, by: RuleSite) => boolean {
  const records = new Map<string, RuleSite[]>();
  for (const site of sites) {
    if (site.rule.kind !== 'recording') continue;
    records.set(site.rule.record, [...(records.get(site.rule.record) ?? []), site]);
  }
  return (name, by) => (records.get(name) ?? []).some((site) => site !== by && !readsItself(site));
}

function readsItself({ rule }: RuleSite): boolean {
  return (
    rule.kind === 'recording' &&
    selectorsOf(rule.ast).some(({ matchers }) => selectedNames(matchers)?.includes(rule.record))
  );
}

function recordsOf(derived: readonly DerivedGroup[]): string[] {
  return derived.flatMap(({ rules }) => rules.flatMap((rule) => (rule.kind === 'recording' ? [rule.record] : [])));
}

function metadataOf(records: readonly string[]): MetricMetadata[] {
  const names = [...new Set(records)].sort(compareStrings);
  return names.map((name) => {
    const { type, unit, help } = vocabularyMetric(name) ?? { type: 'unknown' as const, unit: '', help: '' };
    return { metricFamilyName: name, type, help, unit };
  });
}

/** Every object of a plan is built with its keys in one order, so its JSON is canonical. */
function contentHash(content: Omit<Plan, 'version'>): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
