import type { Expr } from './ast.ts';
import type { ValueType } from './function-call.ts';
import { FUNCTIONS } from './functions/registry.ts';

/** Types of operators, kept by node: a chain of a thousand operators is asked about at each of its levels. */
const known = new WeakMap<Expr, ValueType>();

/** What an expression evaluates to. */
export function exprType(expr: Expr): ValueType {
  let type = known.get(expr);
  if (type === undefined) {
    type = deriveType(expr);
    known.set(expr, type);
  }
  return type;
}

/** A type as Prometheus writes it for people. */
export function typeName(type: ValueType): string {
  if (type === 'vector') return 'instant vector';
  return type === 'matrix' ? 'range vector' : type;
}

function deriveType(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'numberLiteral':
      return 'scalar';
    case 'stringLiteral':
      return 'string';
    case 'vectorSelector':
    case 'aggregation':
      return 'vector';
    case 'matrixSelector':
    case 'subquery':
      return 'matrix';
    case 'parenExpr':
    case 'unaryExpr':
      return exprType(expr.expr);
    case 'binaryExpr':
      return exprType(expr.lhs) === 'scalar' && exprType(expr.rhs) === 'scalar' ? 'scalar' : 'vector';
    case 'call':
      return callType(expr.func);
  }
}

function callType(func: string): ValueType {
  const type = FUNCTIONS.get(func)?.signature.returnType;
  if (type === undefined) throw new Error(`BUG: function ${func} passed the parser and has no signature`);
  return type;
}
