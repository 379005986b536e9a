import type { Expr } from '../ast.ts';
import { referenceTime } from '../reference-times.ts';
import { children, selectorsOf } from '../walk.ts';

/**
 * The time (ms) at which the first selector in an expression reads its samples when the expression is evaluated at
 * `time`. `info` looks up its info series at that same time.
 */
export function infoReferenceTime(expr: Expr, time: number): number {
  if (expr.kind === 'vectorSelector') return referenceTime(expr, time);
  const inner = children(expr).find((child) => selectorsOf(child).length > 0);
  if (inner === undefined) return time;
  return infoReferenceTime(inner, expr.kind === 'subquery' ? referenceTime(expr, time) : time);
}
