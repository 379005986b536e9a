import type { BinaryExpr, Call, Expr, VectorSelector } from '../promql/ast.ts';
import { unwrapParens } from '../promql/walk.ts';
import type { MappingStep, MatcherSpec } from './plan.ts';

/** An expression that can be applied to each sample as it streams by: which series, and what becomes of them. */
export interface MappingExpr {
  readonly matchers: readonly MatcherSpec[];
  readonly steps: readonly MappingStep[];
}

/**
 * Reads an expression as a mapping: a selector, scaled by constants or passed through `label_replace` and `label_join`.
 * Undefined for everything else, which needs several series or a window.
 */
export function mappingExpr(expr: Expr): MappingExpr | undefined {
  switch (expr.kind) {
    case 'vectorSelector':
      return ofSelector(expr);
    case 'parenExpr':
      return mappingExpr(expr.expr);
    case 'unaryExpr':
      return expr.op === '-' ? then(mappingExpr(expr.expr), { kind: 'multiply', operand: -1 }) : mappingExpr(expr.expr);
    case 'binaryExpr':
      return ofBinary(expr);
    case 'call':
      return ofCall(expr);
    default:
      return undefined;
  }
}

function ofSelector(selector: VectorSelector): MappingExpr | undefined {
  const { offset, offsetExpr, timestamp, startOrEnd, extension } = selector;
  const isElsewhen = offset !== 0 || [offsetExpr, timestamp, startOrEnd, extension].some((one) => one !== undefined);
  if (isElsewhen) return undefined;
  return { matchers: selector.matchers.map(({ type, name, value }) => ({ type, name, value })), steps: [] };
}

function ofBinary({ op, lhs, rhs }: BinaryExpr): MappingExpr | undefined {
  const [left, right] = [constantOf(lhs), constantOf(rhs)];
  if (op === '*' && right !== undefined) return scaled(lhs, { kind: 'multiply', operand: right });
  if (op === '*' && left !== undefined) return scaled(rhs, { kind: 'multiply', operand: left });
  if (op === '/' && right !== undefined) return scaled(lhs, { kind: 'divide', operand: right });
  return undefined;
}

/** Infinities, NaN and -0 have no spelling in the plan's JSON, and no meaning as a unit. */
function scaled(inner: Expr, step: Extract<MappingStep, { operand: number }>): MappingExpr | undefined {
  if (!Number.isFinite(step.operand) || Object.is(step.operand, -0)) return undefined;
  return then(mappingExpr(inner), step);
}

function ofCall(call: Call): MappingExpr | undefined {
  const [first] = call.args;
  const step = labelStepOf(call);
  return first === undefined || step === undefined ? undefined : then(mappingExpr(first), step);
}

/** A step that writes a label. */
export type LabelStep = Exclude<MappingStep, { operand: number }>;

/** What `label_replace` or `label_join` does to the vector that is its first argument. */
export function labelStepOf({ func, args }: Call): LabelStep | undefined {
  const [, ...rest] = args;
  const texts = rest.map(stringOf);
  if (texts.some((text) => text === undefined)) return undefined;
  const strings = texts as string[];
  if (func === 'label_replace') {
    const [targetLabel = '', replacement = '', sourceLabel = '', regex = ''] = strings;
    return { kind: 'label_replace', targetLabel, replacement, sourceLabel, regex };
  }
  if (func === 'label_join') {
    const [targetLabel = '', separator = '', ...sourceLabels] = strings;
    return { kind: 'label_join', targetLabel, separator, sourceLabels };
  }
  return undefined;
}

function then(inner: MappingExpr | undefined, step: MappingStep): MappingExpr | undefined {
  return inner && { ...inner, steps: [...inner.steps, step] };
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
