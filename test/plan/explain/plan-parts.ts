import { mappingExpr } from '../../../lib/plan/mapping-expr.ts';
import type { MappingRule, PlannedRelabelConfig } from '../../../lib/plan/plan.ts';
import { parseExpr } from '../../../lib/promql/parse.ts';
import { parseRelabelConfig } from '../../../lib/relabel/parse-relabel-config.ts';

/** A mapping rule as the compiler makes it. */
export function mappingOf(record: string, expr: string, labels: Record<string, string> = {}): MappingRule {
  const mapped = mappingExpr(parseExpr(expr));
  if (mapped === undefined) throw new Error(`${expr} is no mapping`);
  return { record, expr, ...mapped, labels, origin: { pack: 'p', file: 'rules.yml', line: 1, group: 'g' } };
}

/** A relabel config as YAML spells it. */
export function relabelOf(yaml: Record<string, unknown>): PlannedRelabelConfig {
  const parsed = parseRelabelConfig(yaml);
  if (!('config' in parsed)) throw new Error(parsed.problems[0].message);
  return { ...parsed.config, origin: { pack: 'p', file: 'relabel.yml', line: 2 } };
}
