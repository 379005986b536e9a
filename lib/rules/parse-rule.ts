import { z } from 'zod';
import type { Expr } from '../promql/ast.ts';
import { parseDuration } from '../promql/duration.ts';
import { parseExpr } from '../promql/parse.ts';
import type { Mistake } from './mistake.ts';
import type { AlertingRule, RecordingRule } from './rule-group.ts';
import { closedMap, durationText, labelMap } from './shapes.ts';
import { checkShape, mistakeAt, type YamlFile, type YamlPath } from './yaml-file.ts';

/** Reads one rule at `path`. Its mistakes go to `mistakes`, and the result is then undefined. */
export function parseRule(
  yaml: YamlFile,
  path: YamlPath,
  value: unknown,
  groupLabels: Readonly<Record<string, string>>,
  mistakes: Mistake[],
): RecordingRule | AlertingRule | undefined {
  const before = mistakes.length;
  const given = checkShape(yaml, path, value, RULE, mistakes);
  if (given === undefined) return undefined;
  mistakes.push(...kindProblems(given).map(([key, message]) => mistakeAt(yaml, [...path, key], message)));
  const expr = given.expr.trim();
  const ast = parseExpression(yaml, path, expr, mistakes);
  if (ast === undefined || mistakes.length > before) return undefined;
  const written = {
    expr,
    ast,
    labels: { ...groupLabels, ...given.labels },
    line: yaml.lineOf(path),
    lines: keyLines(yaml, path, given),
  };
  if (given.record !== undefined) return { kind: 'recording', record: given.record, ...written };
  return {
    kind: 'alerting',
    alert: given.alert ?? '',
    for: parseDuration(given.for ?? '0s') ?? 0,
    keepFiringFor: parseDuration(given.keep_firing_for ?? '0s') ?? 0,
    annotations: given.annotations ?? {},
    ...written,
  };
}

const RULE = closedMap({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: z
    .string('is missing; give the PromQL expression of the rule')
    .min(1, 'is empty; give the PromQL expression of the rule'),
  for: durationText.optional(),
  keep_firing_for: durationText.optional(),
  labels: labelMap.optional(),
  annotations: labelMap.optional(),
});

type GivenRule = z.infer<typeof RULE>;

/** What Prometheus demands of a rule's keys together. */
function kindProblems(rule: GivenRule): [key: string, message: string][] {
  if (rule.record !== undefined && rule.alert !== undefined) {
    return [['alert', 'stands beside record; a rule either records or alerts']];
  }
  if (!rule.record && !rule.alert) return [['record', 'is missing; give record (or alert) a name']];
  if (rule.record === undefined) return [];
  const problems: [string, string][] = (['for', 'keep_firing_for', 'annotations'] as const)
    .filter((key) => rule[key] !== undefined)
    .map((key) => [key, 'has no meaning for a recording rule; remove it']);
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(rule.record)) {
    const hint = /[{}]/.test(rule.record) ? 'selectors belong into expr' : 'use letters, digits, _ and :';
    problems.push(['record', `${JSON.stringify(rule.record)} is not a metric name; ${hint}`]);
  }
  return problems;
}

function parseExpression(yaml: YamlFile, path: YamlPath, expr: string, mistakes: Mistake[]): Expr | undefined {
  try {
    return parseExpr(expr);
  } catch (error) {
    mistakes.push(mistakeAt(yaml, [...path, 'expr'], `${(error as Error).message} in ${JSON.stringify(expr)}`));
    return undefined;
  }
}

function keyLines(yaml: YamlFile, path: YamlPath, rule: GivenRule): Record<string, number> {
  const keys = Object.keys(rule).map((key) => [key]);
  const labels = Object.keys(rule.labels ?? {}).map((name) => ['labels', name]);
  return Object.fromEntries([...keys, ...labels].map((key) => [key.join('.'), yaml.lineOf([...path, ...key])]));
}
