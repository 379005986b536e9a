import type { BinaryExpr, Call, Expr, VectorSelector } from '../promql/ast.ts';
import { unwrapParens } from '../promql/walk.ts';
import type { MappingStep, MatcherSpec } from './plan.ts';

/** Whether a rule can be applied to each sample as it streams by, or needs several series or a window. */
export type ClassifiedExpr =
  | { readonly kind: 'mapping'; readonly matchers: readonly MatcherSpec[]; readonly steps: readonly MappingStep[] }
  | { readonly kind: 'derived'; readonly operation: string; readonly offset: number };

/**
 * Sorts an expression: a selector, scaled by constants or passed through `label_replace` and `label_join`, is a mapping;
 * everything else is derived, and `operation` names the outermost thing that makes it so (`offset` into the query).
 */
export function classifyExpr(expr: Expr): ClassifiedExpr {
  switch (expr.kind) {
    case 'vectorSelector':
      return classifySelector(expr);
    case 'parenExpr':
      return classifyExpr(expr.expr);
    case 'unaryExpr':
      return expr.op === '-'
        ? then(classifyExpr(expr.expr), { kind: 'multiply', operand: -1 })
        : classifyExpr(expr.expr);
    case 'binaryExpr':
      return classifyBinary(expr);
    case 'call':
      return classifyCall(expr);
    case 'aggregation':
      return derived(`aggregation ${expr.op}`, expr);
    case 'numberLiteral':
    case 'stringLiteral':
      return derived('a constant, which selects no series', expr);
    case 'matrixSelector':
    case 'subquery':
      return derived('a range selector', expr);
  }
}

function classifySelector(selector: VectorSelector): ClassifiedExpr {
  if (selector.offset !== 0 || selector.offsetExpr !== undefined) return derived('offset', selector);
  if (selector.timestamp !== undefined || selector.startOrEnd !== undefined) return derived('the @ modifier', selector);
  if (selector.extension !== undefined) return derived(selector.extension, selector);
  const matchers = selector.matchers.map(({ type, name, value }) => ({ type, name, value }));
  return { kind: 'mapping', matchers, steps: [] };
}

function classifyBinary(expr: BinaryExpr): ClassifiedExpr {
  const { op, lhs, rhs } = expr;
  const [left, right] = [constantOf(lhs), constantOf(rhs)];
  if (op === '*' && right !== undefined) return scale(lhs, { kind: 'multiply', operand: right }, expr);
  if (op === '*' && left !== undefined) return scale(rhs, { kind: 'multiply', operand: left }, expr);
  if (op === '/' && right !== undefined) return scale(lhs, { kind: 'divide', operand: right }, expr);
  const sides = left === undefined && right === undefined ? 'between two expressions' : 'with a constant';
  return derived(`operator ${op} ${sides}`, expr);
}

/** Infinities, NaN and -0 have no spelling in the plan's JSON, and no meaning as a unit. */
function scale(inner: Expr, step: Extract<MappingStep, { operand: number }>, whole: BinaryExpr): ClassifiedExpr {
  if (!Number.isFinite(step.operand) || Object.is(step.operand, -0)) {
    return derived(`scaling by ${Object.is(step.operand, -0) ? '-0' : step.operand}`, whole);
  }
  return then(classifyExpr(inner), step);
}

function classifyCall(call: Call): ClassifiedExpr {
  const [first, ...rest] = call.args;
  const texts = rest.map(stringOf);
  if (first === undefined || texts.some((text) => text === undefined)) return derived(`function ${call.func}()`, call);
  const strings = texts as string[];
  if (call.func === 'label_replace') {
    const [targetLabel = '', replacement = '', sourceLabel = '', regex = ''] = strings;
    return then(classifyExpr(first), { kind: 'label_replace', targetLabel, replacement, sourceLabel, regex });
  }
  if (call.func === 'label_join') {
    const [targetLabel = '', separator = '', ...sourceLabels] = strings;
    return then(classifyExpr(first), { kind: 'label_join', targetLabel, separator, sourceLabels });
  }
  return derived(`function ${call.func}()`, call);
}

function then(inner: ClassifiedExpr, step: MappingStep): ClassifiedExpr {
  return inner.kind === 'derived' ? inner : { ...inner, steps: [...inner.steps, step] };
}

function derived(operation: string, { position }: Expr): ClassifiedExpr {
  return { kind: 'derived', operation, offset: position.start };
}

function stringOf(expr: Expr): string | undefined {
  const inner = unwrapParens(expr);
  return inner.kind === 'stringLiteral' ? inner.value : undefined;
}

/** The value of `1000`, `60 * 60`, `-(1 / 8)`; undefined when it is no constant of that kind. */
function constantOf(expr: Expr): number | undefined {
  switch (expr.kind) {
    case 'numberLiteral':
      return expr.value;
    case 'parenExpr':
      return constantOf(expr.expr);
    case 'unaryExpr': {
      const value = constantOf(expr.expr);
      return value === undefined || expr.op === '+' ? value : -value;
    }
    case 'binaryExpr':
      return fold(expr.op, constantOf(expr.lhs), constantOf(expr.rhs));
    default:
      return undefined;
  }
}

function fold(op: BinaryExpr['op'], a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return undefined;
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return undefined;
  }
}
