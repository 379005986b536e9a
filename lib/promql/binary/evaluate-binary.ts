import type { BinaryExpr, SetOp } from '../ast.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Grid, Value } from '../value.ts';
import { matchVectors } from './match-vectors.ts';
import { combineScalars, combineWithScalar } from './scalar-operand.ts';
import { combineSets } from './set-operators.ts';

const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** A binary operator over operands already evaluated. */
export function evaluateBinary(expr: BinaryExpr, lhs: Value, rhs: Value, grid: Grid, evaluation: Evaluation): Value {
  if (lhs.kind === 'scalar' && rhs.kind === 'scalar') return combineScalars(expr, lhs, rhs);
  if (lhs.kind === 'vector' && rhs.kind === 'scalar') return combineWithScalar(expr, lhs, rhs, false, evaluation);
  if (lhs.kind === 'scalar' && rhs.kind === 'vector') return combineWithScalar(expr, rhs, lhs, true, evaluation);
  const { matching } = expr;
  if (lhs.kind !== 'vector' || rhs.kind !== 'vector' || matching === undefined) {
    throw new Error(`BUG: operator ${expr.op} between ${lhs.kind} and ${rhs.kind} passed the type checker`);
  }
  if (SET_OPERATORS.has(expr.op)) return combineSets(expr.op as SetOp, matching, lhs, rhs, grid, evaluation);
  return matchVectors(expr, matching, lhs, rhs, grid, evaluation);
}
