import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** Their value depends on the evaluation time even when every selector is pinned. */
const TIME_DEPENDENT = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
  'start_timestamp',
  'info',
]);

const SELECTORS = new Set(['VectorSelector', 'MatrixSelector', 'SubqueryExpr']);
const MODIFIERS = new Set(['OffsetExpr', 'StepInvariantExpr', 'AnchoredExpr', 'SmoothedExpr']);

/**
 * The expression with ` @ time` behind each selector and subquery that has none, so that it means the same whenever it
 * is evaluated. Undefined where that is not possible. What stands inside a pinned subquery is left as it is.
 */
export function pinnedExpression(expression: string, timeMs: number): string | undefined {
  if (usesQueryTimes(expression)) return undefined;
  const insertAt: number[] = [];
  let possible = true;
  parser.parse(expression).iterate({
    enter: (node) => {
      possible &&= !node.type.isError && !isTimeDependent(node, expression);
      if (SELECTORS.has(node.name) && isOutermost(node.node) && !isPinned(node.node)) insertAt.push(node.to);
    },
  });
  if (!possible) return undefined;
  const pin = ` @ ${(timeMs / 1000).toFixed(3)}`;
  return insertAt.reduceRight((text, at) => `${text.slice(0, at)}${pin}${text.slice(at)}`, expression);
}

/** Whether durations in the expression are taken from the query's own step or range. */
export function usesQueryTimes(expression: string): boolean {
  return /\b(?:step|range|start|end)\s*\(\s*\)/i.test(expression);
}

function isTimeDependent(node: SyntaxNodeRef, expression: string): boolean {
  if (node.name !== 'FunctionIdentifier') return false;
  return TIME_DEPENDENT.has(expression.slice(node.from, node.to).toLowerCase());
}

function isOutermost(selector: SyntaxNode): boolean {
  for (let node = selector.parent; node !== null; node = node.parent) if (SELECTORS.has(node.name)) return false;
  return true;
}

function isPinned(selector: SyntaxNode): boolean {
  for (let node = selector.parent; node !== null && MODIFIERS.has(node.name); node = node.parent) {
    if (node.name === 'StepInvariantExpr') return true;
  }
  return false;
}
