import type { Call, Expr, MatrixSelector, VectorSelector } from '../ast.ts';
import { infoReferenceTime } from '../info/info-reference-time.ts';
import { infoSelector } from '../info/info-selector.ts';
import { referenceTime } from '../reference-times.ts';
import { subqueryBounds } from './subquery-grid.ts';

/** The samples that one selector of an expression needs: [mint, maxt], ms inclusive. */
export interface SelectionWindow {
  readonly selector: VectorSelector;
  readonly mint: number;
  readonly maxt: number;
}

interface Bounds {
  /** The first and the last time at which an expression is evaluated. */
  readonly start: number;
  readonly end: number;
}

export interface WindowOptions {
  readonly lookbackDelta: number;
  readonly defaultSubqueryStep: number;
}

/** What to read for an expression evaluated from `start` to `end`; its times are resolved. */
export function selectionWindows(expr: Expr, bounds: Bounds, options: WindowOptions): SelectionWindow[] {
  switch (expr.kind) {
    case 'numberLiteral':
    case 'stringLiteral':
      return [];
    case 'vectorSelector':
      return [vectorWindow(expr, bounds, options)];
    case 'matrixSelector':
      return [matrixWindow(expr, bounds, options)];
    case 'subquery':
      return selectionWindows(expr.expr, subqueryBounds(expr, bounds, options.defaultSubqueryStep), options);
    case 'call':
      return expr.func === 'info' ? infoWindows(expr, bounds, options) : childWindows(expr.args, bounds, options);
    case 'aggregation':
      return childWindows(expr.param === undefined ? [expr.expr] : [expr.param, expr.expr], bounds, options);
    case 'binaryExpr':
      return childWindows([expr.lhs, expr.rhs], bounds, options);
    case 'unaryExpr':
    case 'parenExpr':
      return selectionWindows(expr.expr, bounds, options);
  }
}

function childWindows(children: readonly Expr[], bounds: Bounds, options: WindowOptions): SelectionWindow[] {
  return children.flatMap((child) => selectionWindows(child, bounds, options));
}

function vectorWindow(selector: VectorSelector, { start, end }: Bounds, { lookbackDelta }: WindowOptions) {
  const ahead = selector.extension === 'smoothed' ? lookbackDelta : 0;
  return {
    selector,
    mint: referenceTime(selector, start) - lookbackDelta + 1,
    maxt: referenceTime(selector, end) + ahead,
  };
}

function matrixWindow({ selector, range }: MatrixSelector, { start, end }: Bounds, { lookbackDelta }: WindowOptions) {
  const back = selector.extension === undefined ? 0 : lookbackDelta;
  const ahead = selector.extension === 'smoothed' ? lookbackDelta : 0;
  return {
    selector,
    mint: referenceTime(selector, start) - range - back + 1,
    maxt: referenceTime(selector, end) + ahead,
  };
}

/** `info` reads its info series where its first argument reads its own. */
function infoWindows(expr: Call, bounds: Bounds, options: WindowOptions): SelectionWindow[] {
  const base = expr.args[0] as Expr;
  const mint = infoReferenceTime(base, bounds.start) - options.lookbackDelta + 1;
  const window = { selector: infoSelector(expr), mint, maxt: infoReferenceTime(base, bounds.end) };
  return [...selectionWindows(base, bounds, options), window];
}
