import type { AggregateExpr } from '../ast.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Column } from '../functions/column.ts';
import type { Grid, VectorSeries } from '../value.ts';

/** One aggregation over a grid. */
export interface Aggregation {
  readonly expr: AggregateExpr;
  readonly grid: Grid;
  readonly evaluation: Evaluation;
  /** The scalar parameter at each step; empty where the operator takes none. */
  readonly params: Float64Array;
}

/** Makes one series of a group's members. */
export type Reduce = (members: readonly VectorSeries[], aggregation: Aggregation) => Column;

/** Operators on floats alone tell that they passed over a histogram. */
export function informHistogramIgnored({ expr, evaluation }: Aggregation): void {
  const text = `PromQL info: ignored histogram in ${expr.op} aggregation`;
  evaluation.annotations.info(text, expr.expr.position);
}
