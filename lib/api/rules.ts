import { groupKey, ruleKeys } from '../pipeline/evaluate/rule-keys.ts';
import type { DerivedGroup, DerivedRule } from '../plan/plan.ts';
import type { EvaluationState } from '../storage/rule-state.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { jsonString } from './json/json-string.ts';
import { pageOfGroups } from './rules/page-of-groups.ts';
import { type RulesParameters, rulesParameters } from './rules/rules-parameters.ts';
import { type ListedGroup, type ListedRule, writeRuleGroup } from './rules/write-rule-group.ts';

/**
 * `GET /api/v1/rules`: derived rules and alerts with their health, as of the last evaluation. Mapping rules are not listed:
 * they are applied to samples as they stream in, over raw series that are not kept, and Grafana would offer to expand them
 * into expressions that have no data.
 */
export async function rules({ params, tenant }: Call, dependencies: ApiDependencies): Promise<Answer> {
  const wanted = rulesParameters(params);
  const { plan, ruleState, evaluationInterval } = dependencies;
  const { state } = (await ruleState.read(tenant.name)) ?? {};
  const all = plan.derived.filter((group) => isWantedGroup(group, wanted));
  const listed = all.map((group) => listGroup(group, state, wanted)).filter(({ rules: ofGroup }) => ofGroup.length > 0);
  const { groups, nextToken } = pageOfGroups(listed, wanted);
  return {
    data: (out) => {
      out.write('{"groups":[');
      for (const [i, group] of groups.entries()) {
        if (i > 0) out.write(',');
        writeRuleGroup(out, group, evaluationInterval, wanted.excludeAlerts);
      }
      out.write(nextToken === undefined ? ']}' : `],"groupNextToken":${jsonString(nextToken)}}`);
    },
  };
}

function isWantedGroup({ name, file }: DerivedGroup, { groups, files }: RulesParameters): boolean {
  return (groups.size === 0 || groups.has(name)) && (files.size === 0 || files.has(file));
}

function listGroup(group: DerivedGroup, state: EvaluationState | undefined, wanted: RulesParameters): ListedGroup {
  const status = state?.groups[groupKey(group)];
  const keys = ruleKeys(group.rules);
  const listed = group.rules.map((rule, i): ListedRule => ({ rule, status: status?.rules[keys[i] as string] }));
  return { group, status, rules: listed.filter(({ rule }) => isWantedRule(rule, wanted)) };
}

function isWantedRule(rule: DerivedRule, { type, names, matchers }: RulesParameters): boolean {
  if (type === 'alert' && rule.kind !== 'alerting') return false;
  if (type === 'record' && rule.kind !== 'recording') return false;
  if (names.size > 0 && !names.has(rule.kind === 'recording' ? rule.record : rule.alert)) return false;
  const matches = (set: (typeof matchers)[number]) => set.every((one) => one.matches(rule.labels[one.name] ?? ''));
  return matchers.length === 0 || matchers.some(matches);
}
