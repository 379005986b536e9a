import { METRIC_NAME } from '../model/labels.ts';
import { evaluateAggregation } from './aggregate/evaluate-aggregation.ts';
import type { BinaryExpr, Call, Expr, SubqueryExpr, UnaryExpr } from './ast.ts';
import { evaluateBinary } from './binary/evaluate-binary.ts';
import { broadcast } from './broadcast.ts';
import { dropNames } from './drop-names.ts';
import type { Evaluation } from './evaluation.ts';
import { mergeSeries } from './functions/merge-series.ts';
import { FUNCTIONS } from './functions/registry.ts';
import { firstStep } from './grid.ts';
import { multiplyHistogram } from './histogram/arithmetic.ts';
import { addInfoLabels } from './info/add-info-labels.ts';
import { selectMatrix } from './select/select-matrix.ts';
import { selectVector, type WantedTimes } from './select/select-vector.ts';
import { subqueryGrid } from './select/subquery-grid.ts';
import { subqueryMatrix } from './select/subquery-matrix.ts';
import { isStepInvariant } from './step-invariant.ts';
import { ABSENT, type Grid, type MatrixValue, type Value, type VectorSeries, type VectorValue } from './value.ts';
import { selectorsOf, unwrapParens } from './walk.ts';

/**
 * Evaluates an expression over a whole grid at once. Its selectors are loaded and its times resolved.
 *
 * @throws ExecutionError, QueryTimeoutError, QueryCanceledError
 */
export function evaluate(expr: Expr, grid: Grid, evaluation: Evaluation): Value {
  evaluation.interruption.poll();
  const before = evaluation.budget.held;
  const once = grid.length > 1 && isStepInvariant(expr) && canBroadcast(expr);
  const value = once
    ? broadcast(evaluateNode(expr, firstStep(grid), evaluation), grid.length)
    : evaluateNode(expr, grid, evaluation);
  evaluation.budget.settle(before + sampleCount(value));
  return value;
}

/** Range vectors hold their own windows for each step; what is made of them is broadcast. */
function canBroadcast(expr: Expr): boolean {
  const { kind } = unwrapParens(expr);
  return kind !== 'matrixSelector' && kind !== 'subquery' && kind !== 'stringLiteral';
}

function evaluateNode(expr: Expr, grid: Grid, evaluation: Evaluation): Value {
  switch (expr.kind) {
    case 'numberLiteral':
      return { kind: 'scalar', values: new Float64Array(grid.length).fill(expr.value) };
    case 'stringLiteral':
      return { kind: 'string', value: expr.value };
    case 'parenExpr':
      return evaluate(expr.expr, grid, evaluation);
    case 'vectorSelector':
      return selectVector(expr, grid, evaluation);
    case 'matrixSelector':
      return selectMatrix(expr, grid, evaluation);
    case 'subquery':
      return evaluateSubquery(expr, grid, evaluation);
    case 'call':
      return evaluateCall(expr, grid, evaluation);
    case 'unaryExpr':
      return evaluateUnary(expr, grid, evaluation);
    case 'binaryExpr':
      return evaluateOperator(expr, grid, evaluation);
    case 'aggregation': {
      const value = evaluateVector(expr.expr, grid, evaluation);
      const param = expr.param && evaluate(expr.param, grid, evaluation);
      return evaluateAggregation(expr, value, param, grid, evaluation);
    }
  }
}

function evaluateVector(expr: Expr, grid: Grid, evaluation: Evaluation): VectorValue {
  const value = evaluate(expr, grid, evaluation);
  if (value.kind !== 'vector') throw new Error(`BUG: a ${value.kind} where the type checker saw a vector`);
  return value;
}

function evaluateOperator(expr: BinaryExpr, grid: Grid, evaluation: Evaluation): Value {
  const lhs = evaluate(expr.lhs, grid, evaluation);
  const rhs = evaluate(expr.rhs, grid, evaluation);
  return named(evaluateBinary(expr, lhs, rhs, grid, evaluation), evaluation);
}

function evaluateUnary({ op, expr }: UnaryExpr, grid: Grid, evaluation: Evaluation): Value {
  const value = evaluate(expr, grid, evaluation);
  if (op === '+') return value;
  if (value.kind === 'scalar') return { kind: 'scalar', values: value.values.map((number) => -number) };
  if (value.kind !== 'vector') throw new Error(`BUG: negation of a ${value.kind} passed the type checker`);
  return named({ kind: 'vector', series: value.series.map(negate) }, evaluation);
}

function negate({ labels, kinds, floats, histograms }: VectorSeries): VectorSeries {
  return {
    labels,
    dropName: true,
    kinds,
    floats: floats.map((float) => -float),
    ...(histograms && { histograms: histograms.map((histogram) => histogram && multiplyHistogram(histogram, -1)) }),
  };
}

function evaluateSubquery(expr: SubqueryExpr, grid: Grid, evaluation: Evaluation): MatrixValue {
  const innerGrid = subqueryGrid(expr, grid, evaluation.defaultSubqueryStep);
  evaluation.budget.expect(innerGrid.length);
  const inner = evaluation.budget.uncounted(() => evaluateVector(expr.expr, innerGrid, evaluation));
  return subqueryMatrix(expr, inner, innerGrid, grid, evaluation);
}

function evaluateCall(expr: Call, grid: Grid, evaluation: Evaluation): Value {
  if (expr.func === 'info') {
    const base = evaluateVector(expr.args[0] as Expr, grid, evaluation);
    return addInfoLabels(expr, base, grid, evaluation);
  }
  const fn = FUNCTIONS.get(expr.func);
  if (fn === undefined) throw new Error(`BUG: function ${expr.func} passed the parser and is not known`);
  const { annotations, times, features } = evaluation;
  const value = fn.evaluate({
    grid,
    args: expr.args.map((arg) => evaluateArgument(arg, expr.func, grid, evaluation)),
    argPositions: expr.args.map((arg) => arg.position),
    position: expr.position,
    argMetricNames: expr.args.map(soleMetricName),
    argMatchers: expr.args.map(matchersOf),
    annotations,
    queryTimes: times,
    typeAndUnitLabels: features.has('type-and-unit-labels'),
  });
  return named(value, evaluation);
}

/** Only `timestamp` and `start_timestamp` see the times of the samples that a plain selector found. */
function evaluateArgument(arg: Expr, func: string, grid: Grid, evaluation: Evaluation): Value {
  const inner = unwrapParens(arg);
  const wanted: WantedTimes = func === 'timestamp' ? 'sample' : func === 'start_timestamp' ? 'start' : 'none';
  if (wanted === 'none' || inner.kind !== 'vectorSelector') return evaluate(arg, grid, evaluation);
  if (wanted === 'start' && !evaluation.features.has('use-start-timestamps')) return evaluate(arg, grid, evaluation);
  return selectVector(inner, grid, evaluation, wanted);
}

function soleMetricName(expr: Expr): string {
  const [selector, another] = selectorsOf(expr);
  if (selector === undefined || another !== undefined) return '';
  return selector.matchers.find(({ name, type }) => name === METRIC_NAME && type === '=')?.value ?? '';
}

function matchersOf(expr: Expr) {
  const inner = unwrapParens(expr);
  if (inner.kind === 'vectorSelector') return inner.matchers;
  return inner.kind === 'matrixSelector' ? inner.selector.matchers : undefined;
}

/** Drops the names marked for it, unless that waits until the query ends. */
function named(value: Value, { features }: Evaluation): Value {
  if (value.kind !== 'vector') return value;
  if (features.has('promql-delayed-name-removal')) return { ...value, series: mergeSeries(value.series) };
  return dropNames(value, features);
}

/** Samples that a value holds; range vectors share theirs with what was loaded. */
function sampleCount(value: Value): number {
  if (value.kind === 'scalar') return value.values.length;
  if (value.kind !== 'vector') return 0;
  let count = 0;
  for (const { kinds } of value.series) for (let i = 0; i < kinds.length; i++) if (kinds[i] !== ABSENT) count++;
  return count;
}
