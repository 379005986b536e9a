import type { Matcher } from '../model/matcher.ts';
import type { AggregateExpr, BinaryExpr, Call, Expr, TimeModifiers, VectorSelector } from '../promql/ast.ts';
import { formatDecimal } from '../promql/format-number.ts';
import { SIGNATURES } from '../promql/functions/signatures.ts';
import type { Tree } from './json/tree-text.ts';

/** An expression as `/api/v1/parse_query` shows it: Prometheus's node types and keys, durations and times in ms. */
export function exprTree(expr: Expr): Tree {
  switch (expr.kind) {
    case 'numberLiteral':
      return { type: expr.kind, val: formatDecimal(expr.value) };
    case 'stringLiteral':
      return { type: expr.kind, val: expr.value };
    case 'vectorSelector':
      return { type: expr.kind, ...selectorTree(expr) };
    case 'matrixSelector':
      return { type: expr.kind, range: expr.range, ...selectorTree(expr.selector) };
    case 'subquery':
      return { type: expr.kind, expr: exprTree(expr.expr), range: expr.range, step: expr.step, ...timeTree(expr) };
    case 'call':
      return { type: expr.kind, func: functionTree(expr), args: expr.args.map(exprTree) };
    case 'aggregation':
      return aggregationTree(expr);
    case 'binaryExpr':
      return binaryTree(expr);
    case 'unaryExpr':
      return { type: expr.kind, op: expr.op, expr: exprTree(expr.expr) };
    case 'parenExpr':
      return { type: expr.kind, expr: exprTree(expr.expr) };
  }
}

function selectorTree(selector: VectorSelector): { readonly [key: string]: Tree } {
  return { name: selector.name, matchers: selector.matchers.map(matcherTree), ...timeTree(selector) };
}

function matcherTree({ name, type, value }: Matcher): Tree {
  return { name, type, value };
}

function timeTree({ offset, timestamp, startOrEnd }: TimeModifiers): { readonly [key: string]: Tree } {
  return { offset, timestamp: timestamp ?? null, startOrEnd: startOrEnd ?? null };
}

function functionTree({ func }: Call): Tree {
  const signature = SIGNATURES.get(func);
  if (signature === undefined) throw new Error(`BUG: function ${func} was parsed but has no signature`);
  const { name, argTypes, variadic, returnType } = signature;
  return { name, argTypes, variadic, returnType };
}

function aggregationTree({ kind, op, expr, param, grouping, without }: AggregateExpr): Tree {
  const parameter = param === undefined ? null : exprTree(param);
  return { type: kind, op, expr: exprTree(expr), param: parameter, grouping, without };
}

function binaryTree({ kind, op, lhs, rhs, matching, returnBool }: BinaryExpr): Tree {
  const { card = '', labels = [], on = false, include = [] } = matching ?? {};
  return {
    type: kind,
    op,
    lhs: exprTree(lhs),
    rhs: exprTree(rhs),
    matching: matching === undefined ? null : { card, labels, on, include },
    bool: returnBool,
  };
}
