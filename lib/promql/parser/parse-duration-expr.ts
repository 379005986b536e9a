import type { DurationExpr } from '../ast.ts';
import { parseNumber } from './parse-number.ts';
import type { TokenStream } from './token-stream.ts';

const PRECEDENCE: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 3 };
const UNARY = 3;

/** Go's `time.Duration` in seconds. */
const MAX_SECONDS = 2 ** 63 / 1e9;

type BinaryDuration = Extract<DurationExpr, { kind: 'binary' }>;

/** What stands in brackets: a number (seconds), a duration, or arithmetic on them where the feature is enabled. */
export function parseDurationExpr(tokens: TokenStream, context: string, expected: string, minimum = 1): DurationExpr {
  return tokens.nested(() => {
    let lhs = parseSigned(tokens, context, expected);
    for (;;) {
      const op = tokens.peek();
      const precedence = PRECEDENCE[op.type];
      if (precedence === undefined || precedence < minimum) return lhs;
      tokens.take();
      const rhs = parseDurationExpr(tokens, context, expected, op.type === '^' ? precedence : precedence + 1);
      const position = { start: lhs.position.start, end: rhs.position.end };
      lhs = experimental(tokens, { kind: 'binary', op: op.type as BinaryDuration['op'], lhs, rhs, position });
      noteZeroDivisor(tokens, lhs as BinaryDuration);
    }
  });
}

/** After `offset` only one operand is taken: `x offset 5m + 2` is `(x offset 5m) + 2`. */
export function parseOffsetExpr(tokens: TokenStream, context: string, expected: string): DurationExpr {
  const { type, start } = tokens.peek();
  if (type !== '+' && type !== '-') return parseOperand(tokens, context, expected);
  tokens.take();
  return signed(tokens, type, start, parseOperand(tokens, context, expected));
}

function parseSigned(tokens: TokenStream, context: string, expected: string): DurationExpr {
  const { type, start } = tokens.peek();
  if (type !== '+' && type !== '-') return parseOperand(tokens, context, expected);
  tokens.take();
  return signed(tokens, type, start, parseDurationExpr(tokens, context, expected, UNARY));
}

function signed(tokens: TokenStream, op: '+' | '-', start: number, expr: DurationExpr): DurationExpr {
  const position = { start, end: expr.position.end };
  if (expr.kind === 'number') return { ...expr, value: op === '-' ? -expr.value : expr.value, position };
  return experimental(tokens, { kind: 'unary', op, expr, position });
}

function parseOperand(tokens: TokenStream, context: string, expected: string): DurationExpr {
  const { type, start, end } = tokens.peek();
  switch (type) {
    case 'step':
    case 'range':
      tokens.take();
      tokens.expect('(', context, expected);
      tokens.expect(')', context, expected);
      return experimental(tokens, { kind: type, position: { start, end: tokens.end } });
    case 'min_of':
    case 'max_of':
      return extremum(tokens, type, context, expected);
    case '(': {
      tokens.take();
      const expr = parseDurationExpr(tokens, context, expected);
      tokens.expect(')', context, expected);
      return experimental(tokens, { kind: 'paren', expr, position: { start, end: tokens.end } });
    }
  }
  const { value, duration } = parseNumber(tokens, context, expected);
  if (!(value <= MAX_SECONDS)) tokens.note('duration out of range', { start, end });
  return { kind: 'number', value, duration, position: { start, end } };
}

function extremum(tokens: TokenStream, kind: 'min_of' | 'max_of', context: string, expected: string): DurationExpr {
  const { start } = tokens.take();
  tokens.expect('(', context, expected);
  const lhs = parseDurationExpr(tokens, context, expected);
  tokens.expect(',', context, expected);
  const rhs = parseDurationExpr(tokens, context, expected);
  tokens.expect(')', context, expected);
  return experimental(tokens, { kind, lhs, rhs, position: { start, end: tokens.end } });
}

function experimental(tokens: TokenStream, expr: DurationExpr): DurationExpr {
  if (!tokens.features.has('promql-duration-expr')) {
    tokens.note('experimental duration expression is not enabled', expr.position);
  }
  return expr;
}

function noteZeroDivisor(tokens: TokenStream, { op, rhs }: BinaryDuration): void {
  if (rhs.kind !== 'number' || rhs.value !== 0) return;
  if (op === '/') tokens.note('division by zero', rhs.position);
  if (op === '%') tokens.note('modulo by zero', rhs.position);
}
