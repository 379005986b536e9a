import type { Labels } from '../../model/labels.ts';
import type { BinaryExpr, VectorMatching } from '../ast.ts';
import { schemaLabels } from '../drop-names.ts';
import type { QueryFeature } from '../query-options.ts';
import { comparison } from './float-operators.ts';

/**
 * The labels of a result between a series of the many side and one of the one side; `one` is absent where a fill value
 * stands for it.
 */
export type ResultLabels = (many: Labels, one: Labels | undefined) => Labels;

export function resultLabelsOf(
  expr: BinaryExpr,
  matching: VectorMatching,
  features: ReadonlySet<QueryFeature>,
): ResultLabels {
  const names = new Set(matching.labels);
  // A comparison leaves the metric what it is; anything else makes something new of it.
  const schema = comparison(expr.op) === undefined ? schemaLabels(features) : new Set<string>();
  const kept = (name: string) =>
    !schema.has(name) && (matching.card !== 'one-to-one' || names.has(name) === matching.on);
  if (matching.include.length === 0) return (many) => many.filter(kept);
  return (many, one) =>
    many.filter(kept).with(Object.fromEntries(matching.include.map((name) => [name, one?.get(name) ?? ''])));
}
