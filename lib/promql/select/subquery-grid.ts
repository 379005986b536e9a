import type { SubqueryExpr } from '../ast.ts';
import { makeGrid } from '../grid.ts';
import { referenceTime } from '../reference-times.ts';
import type { Grid } from '../value.ts';

/** The first and last time (ms) at which a subquery's expression is evaluated when the subquery itself is at [start, end]. */
export function subqueryBounds(
  expr: SubqueryExpr,
  bounds: { readonly start: number; readonly end: number },
  defaultStep: number,
): { start: number; end: number } {
  const step = subqueryStep(expr, defaultStep);
  const after = referenceTime(expr, bounds.start) - expr.range;
  return { start: (Math.floor(after / step) + 1) * step, end: referenceTime(expr, bounds.end) };
}

/** The steps of a subquery's expression: absolute multiples of its step, whatever the outer grid. */
export function subqueryGrid(expr: SubqueryExpr, outer: Grid, defaultStep: number): Grid {
  const lastStep = outer.start + (outer.length - 1) * outer.step;
  const { start, end } = subqueryBounds(expr, { start: outer.start, end: lastStep }, defaultStep);
  return makeGrid(start, end, subqueryStep(expr, defaultStep));
}

function subqueryStep(expr: SubqueryExpr, defaultStep: number): number {
  return expr.step === 0 ? defaultStep : expr.step;
}
