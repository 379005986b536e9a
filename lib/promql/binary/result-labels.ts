import type { Labels } from '../../model/labels.ts';
import type { BinaryExpr, VectorMatching } from '../ast.ts';
import { schemaLabels } from '../drop-names.ts';
import type { QueryFeature } from '../query-options.ts';
import { arithmetic } from './float-operators.ts';

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
  // Arithmetic makes something new of a metric; comparing or trimming leaves it what it is.
  const schema = arithmetic(expr.op) === undefined ? new Set<string>() : schemaLabels(features);
  const kept = (name: string) =>
    !schema.has(name) && (matching.card !== 'one-to-one' || names.has(name) === matching.on);
  if (matching.include.length === 0) return (many) => many.filter(kept);
  return (many, one) =>
    many.filter(kept).with(Object.fromEntries(matching.include.map((name) => [name, one?.get(name) ?? ''])));
}
