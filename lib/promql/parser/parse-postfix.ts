import type { PositionRange } from '../annotations.ts';
import type { DurationExpr, Expr, MatrixSelector, SubqueryExpr, VectorSelector } from '../ast.ts';
import { formatDecimal } from '../format-number.ts';
import { parseDurationExpr, parseOffsetExpr } from './parse-duration-expr.ts';
import { parseNumber } from './parse-number.ts';
import type { TokenStream } from './token-stream.ts';

type Timed = VectorSelector | MatrixSelector | SubqueryExpr;

/** What may follow an operand, as often as it does: ranges, `offset`, `@`, `anchored`, `smoothed`. */
export function parsePostfix(tokens: TokenStream, operand: Expr): Expr {
  let expr = operand;
  for (;;) {
    switch (tokens.peek().type) {
      case '[':
        expr = bracketed(tokens, expr);
        break;
      case 'offset':
        expr = withOffset(tokens, expr);
        break;
      case '@':
        expr = withTimestamp(tokens, expr);
        break;
      case 'anchored':
      case 'smoothed':
        expr = withExtension(tokens, expr);
        break;
      default:
        return expr;
    }
  }
}

const DURATIONS = 'number, duration, step(), or range()';

function bracketed(tokens: TokenStream, expr: Expr): MatrixSelector | SubqueryExpr {
  const { start: bracket } = tokens.take();
  const range = parseDurationExpr(tokens, 'subquery or range selector', DURATIONS);
  notePositive(tokens, range);
  if (tokens.takeIf(':')) return subquery(tokens, expr, range);
  tokens.expect(']', 'subquery or range', '":" or "]"');
  return matrixSelector(tokens, expr, range, { start: bracket, end: tokens.end });
}

function matrixSelector(tokens: TokenStream, expr: Expr, range: DurationExpr, brackets: PositionRange): MatrixSelector {
  const position = { start: expr.position.start, end: tokens.end };
  if (expr.kind !== 'vectorSelector') throw tokens.fail('ranges only allowed for vector selectors', brackets);
  if (hasOffset(expr)) tokens.note('no offset modifiers allowed before range', brackets);
  else if (hasTimestamp(expr)) tokens.note('no @ modifiers allowed before range', brackets);
  return { kind: 'matrixSelector', selector: expr, ...settled('range', range), position } as MatrixSelector;
}

function subquery(tokens: TokenStream, expr: Expr, range: DurationExpr): SubqueryExpr {
  const step =
    tokens.peek().type === ']' ? undefined : parseDurationExpr(tokens, 'subquery selector', `${DURATIONS} or "]"`);
  if (step !== undefined) notePositive(tokens, step);
  tokens.expect(']', 'subquery selector', '"]"');
  return {
    kind: 'subquery',
    expr,
    ...settled('range', range),
    ...(step === undefined ? { step: 0 } : settled('step', step)),
    offset: 0,
    position: { start: expr.position.start, end: tokens.end },
  } as SubqueryExpr;
}

function withOffset(tokens: TokenStream, expr: Expr): Expr {
  tokens.take();
  const offset = parseOffsetExpr(tokens, 'offset', DURATIONS);
  if (!isTimed(expr)) {
    const operands = 'an instant vector selector or range vector selector or a subquery';
    tokens.note(`offset modifier must be preceded by ${operands}`, expr.position);
    return expr;
  }
  if (hasOffset(modifiersOf(expr))) tokens.note('offset may not be set multiple times', expr.position);
  return modified(expr, settled('offset', offset), tokens.end);
}

function withTimestamp(tokens: TokenStream, expr: Expr): Expr {
  tokens.take();
  const modifier = parseTimestamp(tokens);
  if (!isTimed(expr)) {
    const operands = 'an instant vector selector or range vector selector or a subquery';
    tokens.note(`@ modifier must be preceded by ${operands}`, expr.position);
    return expr;
  }
  const { timestamp } = modifier;
  if (timestamp !== undefined && !(Math.abs(timestamp) < 2 ** 63)) {
    tokens.note(`timestamp out of bounds for @ modifier: ${formatDecimal(timestamp / 1000)}`, expr.position);
  }
  if (hasTimestamp(modifiersOf(expr))) tokens.note('@ <timestamp> may not be set multiple times', expr.position);
  return modified(expr, modifier, tokens.end);
}

function parseTimestamp(tokens: TokenStream): { timestamp?: number; startOrEnd?: 'start' | 'end' } {
  const boundary = tokens.takeIf('start') ?? tokens.takeIf('end');
  if (boundary !== undefined) {
    tokens.expect('(', '@', 'timestamp');
    tokens.expect(')', '@', 'timestamp');
    return { startOrEnd: boundary.type as 'start' | 'end' };
  }
  const sign = tokens.takeIf('-') ?? tokens.takeIf('+');
  const { value } = parseNumber(tokens, '@', 'timestamp');
  return { timestamp: Math.round((sign?.type === '-' ? -value : value) * 1000) };
}

function withExtension(tokens: TokenStream, expr: Expr): Expr {
  const { type } = tokens.take();
  const extension = type as 'anchored' | 'smoothed';
  if (!tokens.features.has('promql-extended-range-selectors')) {
    tokens.note(`${extension} modifier is experimental and not enabled`, expr.position);
    return expr;
  }
  if (expr.kind === 'subquery') tokens.note(`${extension} modifier is not supported for subqueries`, expr.position);
  else if (!isTimed(expr)) tokens.note(`${extension} modifier not implemented`, expr.position);
  else {
    const selector = expr.kind === 'matrixSelector' ? expr.selector : expr;
    if (selector.extension !== undefined && selector.extension !== extension) {
      tokens.note('anchored and smoothed modifiers cannot be used together', expr.position);
    }
    return modified(expr, { extension }, tokens.end);
  }
  return expr;
}

function isTimed(expr: Expr): expr is Timed {
  return expr.kind === 'vectorSelector' || expr.kind === 'matrixSelector' || expr.kind === 'subquery';
}

/** Modifiers of a matrix selector stand on its selector. */
function modifiersOf(expr: Timed): VectorSelector | SubqueryExpr {
  return expr.kind === 'matrixSelector' ? expr.selector : expr;
}

function modified(expr: Timed, changes: object, end: number): Timed {
  const position = { start: expr.position.start, end };
  if (expr.kind !== 'matrixSelector') return { ...expr, ...changes, position };
  return { ...expr, selector: { ...expr.selector, ...changes }, position };
}

function hasOffset(expr: { readonly offset: number; readonly offsetExpr?: DurationExpr }): boolean {
  return expr.offset !== 0 || expr.offsetExpr !== undefined;
}

function hasTimestamp(expr: { readonly timestamp?: number; readonly startOrEnd?: string }): boolean {
  return expr.timestamp !== undefined || expr.startOrEnd !== undefined;
}

/** A literal becomes milliseconds at once; anything else waits for the query's grid. */
function settled(name: 'range' | 'step' | 'offset', duration: DurationExpr): object {
  if (duration.kind === 'number') return { [name]: Math.round(duration.value * 1000) };
  return { [name]: 0, [`${name}Expr`]: duration };
}

function notePositive(tokens: TokenStream, duration: DurationExpr): void {
  if (duration.kind === 'number' && !(duration.value > 0)) {
    tokens.note('duration must be greater than 0', duration.position);
  }
}
