import { METRIC_NAME } from '../../model/labels.ts';
import { parseExpr } from '../../promql/parse.ts';
import { selectorsOf } from '../../promql/walk.ts';
import { sortedLabels } from '../compile-rule.ts';
import { NAME_LABEL } from '../mapping.ts';
import type { DerivedGroup, DerivedRecordingRule, MappingRule, Plan } from '../plan.ts';

/**
 * The mapping rules of a plan as groups that Prometheus can evaluate: as they were written, plus the name of the raw
 * metric, which the worker adds to each series. Rules that record one metric with equal labels become one, as Prometheus
 * advises: their series differ by raw labels. `interval` (ms) is that of the scrapes, so that no sample is passed over.
 */
export function mappingGroups({ mappings }: Pick<Plan, 'mappings'>, interval?: number): DerivedGroup[] {
  const groups = new Map<string, DerivedGroup & { rules: DerivedRecordingRule[] }>();
  for (const rule of merged(mappings.map(recordingRule))) {
    const { file, group: name } = rule.origin;
    const key = `${file}\0${name}`;
    const group = groups.get(key) ?? { name, file, limit: 0, ...(interval !== undefined && { interval }), rules: [] };
    group.rules.push(rule);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function merged(rules: readonly DerivedRecordingRule[]): DerivedRecordingRule[] {
  const byOutput = new Map<string, DerivedRecordingRule>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.record, rule.labels]);
    const first = byOutput.get(key);
    byOutput.set(key, first === undefined ? rule : { ...first, expr: `${first.expr} or ${rule.expr}` });
  }
  return [...byOutput.values()];
}

function recordingRule(mapping: MappingRule): DerivedRecordingRule {
  const { record, labels, origin } = mapping;
  const name = mapping.matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.type === '=')?.value;
  if (name === undefined) {
    return { kind: 'recording', record, expr: withLineage(mapping), labels: sortedLabels(labels), level: 0, origin };
  }
  const lineage = sortedLabels({ [NAME_LABEL]: name, ...labels });
  return { kind: 'recording', record, expr: mapping.expr, labels: lineage, level: 0, origin };
}

/**
 * A rule for many names asks each series for its own, right at the selector: arithmetic drops the name, and where only the
 * name tells series apart the rule would fail.
 */
function withLineage({ expr }: MappingRule): string {
  const [selector] = selectorsOf(parseExpr(expr));
  if (selector === undefined) throw new Error(`BUG: the mapping rule ${expr} selects nothing`);
  const { start, end } = selector.position;
  const named = `label_replace(${expr.slice(start, end)}, "${NAME_LABEL}", "$1", "${METRIC_NAME}", "(.+)")`;
  return `${expr.slice(0, start)}${named}${expr.slice(end)}`;
}
