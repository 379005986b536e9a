import { z } from 'zod';
import { parseDuration } from '../promql/duration.ts';
import { type Mistake, MistakesError } from './mistake.ts';
import { parseRule } from './parse-rule.ts';
import type { AlertingRule, RecordingRule, RuleFile, RuleGroup } from './rule-group.ts';
import { closedMap, durationText, labelMap } from './shapes.ts';
import { checkShape, mistakeAt, readYaml, type YamlFile } from './yaml-file.ts';

/**
 * Reads a Prometheus rule file: `groups` of recording and alerting rules. Holds it to what Prometheus accepts, and to
 * expressions that parse.
 *
 * @throws MistakesError with every mistake of the file.
 */
export function parseRuleFile(file: string, text: string): RuleFile {
  const yaml = readYaml(file, text, 'strings');
  const mistakes: Mistake[] = [];
  const shell = checkShape(yaml, [], yaml.value, FILE, mistakes);
  const groups = (shell?.groups ?? []).map((group, i) => parseGroup(yaml, group, i, mistakes));
  const valid = groups.filter((group) => group !== undefined);
  mistakes.push(...repeatedNames(yaml, valid));
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return { file, groups: valid };
}

const FILE = closedMap({
  groups: z.array(z.unknown(), 'must be a list of rule groups; a rule file begins with `groups:`'),
});

const GROUP = closedMap({
  name: z.string('is missing; give the group a name').min(1, 'is empty; give the group a name'),
  interval: durationText.optional(),
  query_offset: durationText.optional(),
  limit: z
    .string()
    .regex(/^[0-9]+$/, 'must be a whole number')
    .optional(),
  labels: labelMap.optional(),
  rules: z.array(z.unknown(), 'must be a list of rules'),
});

function parseGroup(yaml: YamlFile, value: unknown, index: number, mistakes: Mistake[]): RuleGroup | undefined {
  const path = ['groups', index];
  const group = checkShape(yaml, path, value, GROUP, mistakes);
  const rules = ruleList(value).map((rule, i) =>
    parseRule(yaml, [...path, 'rules', i], rule, group?.labels ?? {}, mistakes),
  );
  if (group === undefined) return undefined;
  return {
    name: group.name,
    ...optionalDuration('interval', group.interval),
    ...optionalDuration('queryOffset', group.query_offset),
    limit: Number(group.limit ?? 0),
    rules: rules.filter((rule): rule is RecordingRule | AlertingRule => rule !== undefined),
  };
}

/** The rules of a group that has other mistakes are looked at all the same: all mistakes are told at once. */
function ruleList(group: unknown): readonly unknown[] {
  const rules = typeof group === 'object' && group !== null ? (group as { rules?: unknown }).rules : undefined;
  return Array.isArray(rules) ? rules : [];
}

function optionalDuration<K extends string>(key: K, text: string | undefined): { [P in K]?: number } {
  return (text === undefined ? {} : { [key]: parseDuration(text) }) as { [P in K]?: number };
}

function repeatedNames(yaml: YamlFile, groups: readonly RuleGroup[]): Mistake[] {
  return groups.flatMap(({ name }, i) => {
    const first = groups.findIndex((group) => group.name === name);
    if (first === i) return [];
    return [
      mistakeAt(yaml, ['groups', i, 'name'], `group ${JSON.stringify(name)} is in this file twice; rename one of them`),
    ];
  });
}
