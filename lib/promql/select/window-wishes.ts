import type { WindowHints, WindowValue } from '../../storage/interface.ts';
import type { Call, Expr, VectorSelector } from '../ast.ts';
import { children, unwrapParens } from '../walk.ts';

/** What functions of range vectors make of a window; all others get its last sample. */
const VALUE_FOR: Readonly<Record<string, WindowValue>> = {
  avg_over_time: 'average',
  count_over_time: 'count',
  delta: 'counter',
  first_over_time: 'counter',
  increase: 'counter',
  max_over_time: 'max',
  min_over_time: 'min',
  rate: 'counter',
  resets: 'counter',
  sum_over_time: 'sum',
};

/** So many windows make a step or a range at least, as in Thanos. */
const WINDOWS_A_STEP = 5;

export interface WishOptions {
  /** Of the grid, ms; 0 for an instant query. */
  readonly step: number;
  readonly defaultSubqueryStep: number;
  /** Widest windows that the request allows, ms; `auto`: so wide that a step or a range has five. */
  readonly maxSourceResolution: number | 'auto';
}

/** Which windows would do for each selector of an expression; none for those that look beyond their range. */
export function windowWishes(expr: Expr, options: WishOptions): ReadonlyMap<VectorSelector, WindowHints> {
  const wishes = new Map<VectorSelector, WindowHints>();
  if (options.maxSourceResolution !== 0) collect(expr, options, wishes);
  return wishes;
}

function collect(expr: Expr, options: WishOptions, wishes: Map<VectorSelector, WindowHints>): void {
  if (expr.kind === 'vectorSelector')
    wish(expr, 'last', expr.timestamp === undefined ? options.step : 0, options, wishes);
  else if (expr.kind === 'matrixSelector') wish(expr.selector, 'last', expr.range, options, wishes);
  else if (expr.kind === 'subquery') {
    collect(expr.expr, { ...options, step: expr.step === 0 ? options.defaultSubqueryStep : expr.step }, wishes);
  } else if (expr.kind === 'call') collectCall(expr, options, wishes);
  else for (const child of children(expr)) collect(child, options, wishes);
}

function collectCall({ func, args }: Call, options: WishOptions, wishes: Map<VectorSelector, WindowHints>): void {
  for (const arg of args) {
    const inner = unwrapParens(arg);
    if (inner.kind !== 'matrixSelector') collect(arg, options, wishes);
    else wish(inner.selector, VALUE_FOR[func] ?? 'last', inner.range, options, wishes);
  }
}

function wish(
  selector: VectorSelector,
  value: WindowValue,
  span: number,
  { maxSourceResolution }: WishOptions,
  wishes: Map<VectorSelector, WindowHints>,
): void {
  if (selector.extension !== undefined) return;
  const hints =
    maxSourceResolution === 'auto'
      ? { value, preferred: span / WINDOWS_A_STEP, coarsest: Number.POSITIVE_INFINITY }
      : { value, preferred: maxSourceResolution, coarsest: maxSourceResolution };
  wishes.set(selector, hints);
}
