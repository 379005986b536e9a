import type { Expr, VectorSelector } from './ast.ts';

/** The expressions directly under `expr`, in the order written. A matrix selector's own selector is one of them. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'numberLiteral':
    case 'stringLiteral':
    case 'vectorSelector':
      return [];
    case 'matrixSelector':
      return [expr.selector];
    case 'call':
      return expr.args;
    case 'aggregation':
      return expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
    case 'binaryExpr':
      return [expr.lhs, expr.rhs];
    case 'subquery':
    case 'unaryExpr':
    case 'parenExpr':
      return [expr.expr];
  }
}

/** Every node, parents before children, in the order written. */
export function* walk(expr: Expr): Generator<Expr> {
  const stack = [expr];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    // Not all at once: arguments of a call have to fit onto the stack.
    for (const child of children(node).toReversed()) stack.push(child);
  }
}

/** Every vector selector, those of matrix selectors included. */
export function selectorsOf(expr: Expr): VectorSelector[] {
  return [...walk(expr)].filter((node) => node.kind === 'vectorSelector');
}

/** The expression inside any parentheses. */
export function unwrapParens(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === 'parenExpr') inner = inner.expr;
  return inner;
}
