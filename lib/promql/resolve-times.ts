import type { DurationExpr, Expr, MatrixSelector, SubqueryExpr, TimeModifiers, VectorSelector } from './ast.ts';
import { ExecutionError } from './errors.ts';

/** The query's own times, ms; an instant query has a step of 0. */
export interface QueryTimes {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Go's `time.Duration`, ms. */
const MAX_DURATION = (2 ** 63 - 1) / 1e6;

/**
 * Replaces what only the query's times can tell by milliseconds: `@ start()`, `@ end()`, and duration expressions with
 * `step()` and `range()`.
 *
 * @throws ExecutionError where a duration comes out as nothing a selector can use.
 */
export function resolveTimes(expr: Expr, times: QueryTimes): Expr {
  const inner = (child: Expr) => resolveTimes(child, times);
  switch (expr.kind) {
    case 'numberLiteral':
    case 'stringLiteral':
      return expr;
    case 'vectorSelector':
      return resolveModifiers(expr, times);
    case 'matrixSelector':
      return resolveMatrix(expr, times);
    case 'subquery':
      return resolveSubquery(expr, times);
    case 'call':
      return { ...expr, args: expr.args.map(inner) };
    case 'aggregation':
      return { ...expr, expr: inner(expr.expr), ...(expr.param === undefined ? {} : { param: inner(expr.param) }) };
    case 'binaryExpr':
      return { ...expr, lhs: inner(expr.lhs), rhs: inner(expr.rhs) };
    case 'unaryExpr':
    case 'parenExpr':
      return { ...expr, expr: inner(expr.expr) };
  }
}

function resolveMatrix(expr: MatrixSelector, times: QueryTimes): MatrixSelector {
  const range = expr.rangeExpr === undefined ? expr.range : positiveDuration(expr.rangeExpr, times);
  return { ...expr, range, selector: resolveModifiers(expr.selector, times) };
}

function resolveSubquery(expr: SubqueryExpr, times: QueryTimes): SubqueryExpr {
  const range = expr.rangeExpr === undefined ? expr.range : positiveDuration(expr.rangeExpr, times);
  const step = expr.stepExpr === undefined ? expr.step : positiveDuration(expr.stepExpr, times);
  return { ...resolveModifiers(expr, times), expr: resolveTimes(expr.expr, times), range, step };
}

function resolveModifiers<T extends VectorSelector | SubqueryExpr>(expr: T, times: QueryTimes): T {
  const { startOrEnd, offsetExpr, ...rest } = expr as TimeModifiers & T;
  const timestamp = startOrEnd === undefined ? {} : { timestamp: startOrEnd === 'start' ? times.start : times.end };
  const offset = offsetExpr === undefined ? {} : { offset: toMilliseconds(seconds(offsetExpr, times), offsetExpr) };
  return { ...rest, ...timestamp, ...offset } as T;
}

function positiveDuration(expr: DurationExpr, times: QueryTimes): number {
  const value = seconds(expr, times);
  if (!(value > 0)) throw durationError('duration must be greater than 0', expr);
  return toMilliseconds(value, expr);
}

function toMilliseconds(value: number, expr: DurationExpr): number {
  const milliseconds = Math.round(value * 1000);
  if (!(Math.abs(milliseconds) <= MAX_DURATION)) throw durationError('duration is out of range', expr);
  return milliseconds;
}

function seconds(expr: DurationExpr, times: QueryTimes): number {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'step':
      return times.step / 1000;
    case 'range':
      return (times.end - times.start) / 1000;
    case 'min_of':
      return Math.min(seconds(expr.lhs, times), seconds(expr.rhs, times));
    case 'max_of':
      return Math.max(seconds(expr.lhs, times), seconds(expr.rhs, times));
    case 'paren':
      return seconds(expr.expr, times);
    case 'unary':
      return expr.op === '-' ? -seconds(expr.expr, times) : seconds(expr.expr, times);
    case 'binary':
      return combined(expr, seconds(expr.lhs, times), seconds(expr.rhs, times));
  }
}

function combined(expr: Extract<DurationExpr, { kind: 'binary' }>, lhs: number, rhs: number): number {
  switch (expr.op) {
    case '+':
      return lhs + rhs;
    case '-':
      return lhs - rhs;
    case '*':
      return lhs * rhs;
    case '^':
      return lhs ** rhs;
    case '/':
      if (rhs === 0) throw durationError('division by zero', expr);
      return lhs / rhs;
    case '%':
      if (rhs === 0) throw durationError('modulo by zero', expr);
      return lhs % rhs;
  }
}

function durationError(reason: string, { position }: DurationExpr): ExecutionError {
  return new ExecutionError(`${reason} (duration expression at offset ${position.start})`);
}
