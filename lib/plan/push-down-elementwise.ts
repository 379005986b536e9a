import type { BinaryExpr, Call, Expr } from '../promql/ast.ts';
import { parseExpr } from '../promql/parse.ts';
import { printExpr } from '../promql/print.ts';
import { unwrapParens } from '../promql/walk.ts';

/** A function that looks at each value of a vector by itself, or leaves it out. */
export interface Elementwise {
  readonly expr: Call | BinaryExpr;
  /** The vector, as it stands in `expr`. */
  readonly operand: Expr;
}

/** Reads the outermost step of an expression as such a function; undefined where it is something else. */
export function elementwiseOf(expr: Expr): Elementwise | undefined {
  if (expr.kind === 'call') return ofCall(expr);
  if (expr.kind !== 'binaryExpr' || expr.op === 'and' || expr.op === 'or' || expr.op === 'unless') return undefined;
  if (isNumber(expr.rhs) && !isNumber(expr.lhs)) return { expr, operand: expr.lhs };
  return isNumber(expr.lhs) && !isNumber(expr.rhs) ? { expr, operand: expr.rhs } : undefined;
}

/** Whether only native histograms have something that the function gives. */
export function isOfHistograms({ expr }: Elementwise): boolean {
  return expr.kind === 'call' && expr.func.startsWith('histogram_');
}

/** Whether it leaves values as they are, or out; only then the metric keeps its name. */
export function isFilter(expr: Expr): boolean {
  return expr.kind === 'binaryExpr' && COMPARISONS.has(expr.op) && !expr.returnBool;
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** PromQL for the functions, innermost first, over `operand`. */
export function applyElementwise(functions: readonly Elementwise[], operand: string): string {
  if (functions.length === 0) return operand;
  const inner = parseExpr(operand);
  const whole = functions.reduce<Expr>(
    (vector, { expr, operand: old }) => replaceOperand(expr, old, inBrackets(vector)),
    inner,
  );
  return printExpr(whole);
}

/** Each gives a float for each series, and needs no label to do so. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  'abs',
  'ceil',
  'clamp',
  'clamp_max',
  'clamp_min',
  'exp',
  'floor',
  'histogram_avg',
  'histogram_count',
  'histogram_stddev',
  'histogram_stdvar',
  'histogram_sum',
  'ln',
  'log10',
  'log2',
  'round',
  'sgn',
  'sqrt',
]);

function ofCall(expr: Call): Elementwise | undefined {
  const [operand, ...rest] = expr.args;
  if (operand === undefined || !FUNCTIONS.has(expr.func) || !rest.every(isNumber)) return undefined;
  return { expr, operand };
}

function isNumber(expr: Expr): boolean {
  const inner = unwrapParens(expr);
  return inner.kind === 'numberLiteral' || (inner.kind === 'unaryExpr' && isNumber(inner.expr));
}

function inBrackets(expr: Expr): Expr {
  return expr.kind === 'binaryExpr' ? { kind: 'parenExpr', expr, position: expr.position } : expr;
}

function replaceOperand(expr: Call | BinaryExpr, old: Expr, operand: Expr): Expr {
  if (expr.kind === 'call') {
    // Brackets of a call are enough.
    const bare = unwrapParens(operand);
    return { ...expr, args: expr.args.map((arg) => (arg === old ? bare : arg)) };
  }
  return expr.lhs === old ? { ...expr, lhs: operand } : { ...expr, rhs: operand };
}
