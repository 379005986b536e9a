import type { Expr } from './ast.ts';

/** Functions of the evaluation time itself. */
const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'days_in_month',
  'hour',
  'minute',
  'month',
  'predict_linear',
  'time',
  'timestamp',
  'start_timestamp',
  'year',
]);

const known = new WeakMap<Expr, boolean>();

/**
 * Whether an expression has the same value at every step, because each selector in it is pinned with `@`. Such an
 * expression is evaluated once.
 */
export function isStepInvariant(expr: Expr): boolean {
  let invariant = known.get(expr);
  if (invariant === undefined) {
    invariant = deriveInvariance(expr);
    known.set(expr, invariant);
  }
  return invariant;
}

function deriveInvariance(expr: Expr): boolean {
  switch (expr.kind) {
    case 'numberLiteral':
    case 'stringLiteral':
      return true;
    case 'vectorSelector':
      return expr.timestamp !== undefined;
    case 'matrixSelector':
      return expr.selector.timestamp !== undefined;
    case 'subquery':
      return expr.timestamp !== undefined;
    case 'call':
      return !TIME_DEPENDENT.has(expr.func) && expr.args.every(isStepInvariant);
    case 'aggregation':
      return isStepInvariant(expr.expr) && (expr.param === undefined || isStepInvariant(expr.param));
    case 'binaryExpr':
      return isStepInvariant(expr.lhs) && isStepInvariant(expr.rhs);
    case 'unaryExpr':
    case 'parenExpr':
      return isStepInvariant(expr.expr);
  }
}
