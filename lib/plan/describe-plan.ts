import { formatDuration } from '../promql/duration.ts';
import type { DerivedGroup, DerivedRule, KeptRaw, MappingRule, MappingStep, MatcherSpec, Plan } from './plan.ts';
import { writesMetricName } from './selection-terms.ts';

/** A plan as text for people: packs, relabel configs, rules by record, and what passes the door. */
export function describePlan(plan: Plan): string {
  const evaluated = evaluationOrder(plan);
  const records = [...new Set(plan.mappings.map(({ record }) => record))].sort();
  return [
    `plan ${plan.version}: ${count(plan.mappings, 'mapping rule')}, ${count(evaluated, 'derived rule')}, ` +
      `${count(plan.relabelConfigs, 'relabel config')}, ${count(plan.selection, 'selector')} at the door`,
    '',
    'PACKS',
    table(plan.packs.map((pack) => packRow(plan, pack))),
    '',
    ...records.flatMap((record) => [
      record,
      table(plan.mappings.filter((rule) => rule.record === record).map(ruleRow)),
      '',
    ]),
    ...(evaluated.length === 0
      ? []
      : ['EVALUATED OVER THE STORE, IN THIS ORDER', table(evaluated.map(evaluatedRow)), '']),
    ...(plan.keptRaw.length === 0 ? [] : ['RAW SERIES KEPT AS THEY ARE', table(plan.keptRaw.map(keptRow)), KEPT, '']),
    'SELECTED AT THE DOOR',
    table(plan.selection.map(({ matchers }) => [formatSelector(matchers)])),
    ...(writesMetricName(plan.relabelConfigs) ? ['', RENAMES] : []),
    '',
  ].join('\n');
}

/** `name{label="value"}` of matchers. */
export function formatSelector(matchers: readonly MatcherSpec[]): string {
  const name = matchers.find((matcher) => matcher.name === '__name__' && matcher.type === '=');
  const rest = matchers.filter((matcher) => matcher !== name);
  const braces = rest.map(({ name: label, type, value }) => `${label}${type}${JSON.stringify(value)}`).join(', ');
  return `${name?.value ?? ''}${rest.length > 0 || name === undefined ? `{${braces}}` : ''}`;
}

const RENAMES =
  'A relabel config writes __name__, so series can no longer be selected by name: everything that is sent passes the door.';

const KEPT = '  Derived rules read them directly. They are stored beside what mapping rules make, and cost as much.';

interface EvaluatedRule {
  readonly group: DerivedGroup;
  readonly rule: DerivedRule;
}

/** Rules by level, and within a level group by group. */
function evaluationOrder({ derived }: Plan): EvaluatedRule[] {
  const all = derived.flatMap((group) => group.rules.map((rule) => ({ group, rule })));
  return all.sort((a, b) => a.rule.level - b.rule.level);
}

function evaluatedRow({ group, rule }: EvaluatedRule): string[] {
  const name = rule.kind === 'recording' ? rule.record : `alert ${rule.alert}`;
  const every = group.interval === undefined ? '' : ` every ${formatDuration(group.interval)}`;
  return [`${rule.level}`, name, `${group.name}${every}`, `${rule.origin.file}:${rule.origin.line}`];
}

function keptRow({ expr, origin }: KeptRaw): string[] {
  return [expr, `read by ${origin.file}:${origin.line}`];
}

function count(items: readonly unknown[], noun: string): string {
  return `${items.length} ${noun}${items.length === 1 ? '' : 's'}`;
}

function packRow(plan: Plan, pack: string): string[] {
  const derived = plan.derived.flatMap(({ rules }) => rules);
  const rules = [...plan.mappings, ...derived].filter(({ origin }) => origin.pack === pack);
  const configs = plan.relabelConfigs.filter(({ origin }) => origin.pack === pack);
  return [pack, count(rules, 'rule'), count(configs, 'relabel config')];
}

function ruleRow({ matchers, steps, labels, origin }: MappingRule): string[] {
  const written = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return [
    [formatSelector(matchers), ...steps.map(formatStep)].join(' '),
    written.join(' '),
    `${origin.file}:${origin.line}`,
  ];
}

function formatStep(step: MappingStep): string {
  switch (step.kind) {
    case 'multiply':
      return `* ${step.operand}`;
    case 'divide':
      return `/ ${step.operand}`;
    case 'label_replace':
      return `label_replace(${step.targetLabel} <- ${step.sourceLabel})`;
    case 'label_join':
      return `label_join(${step.targetLabel} <- ${step.sourceLabels.join(', ')})`;
  }
}

/** Columns as wide as their widest cell, up to a bound that keeps one long selector from pushing all others away. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.min(70, Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  );
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
