import type { PositionRange } from '../annotations.ts';
import type { AggregateExpr, Aggregator, BinaryExpr, BinaryOp, Expr, NumberLiteral } from '../ast.ts';
import { FUNCTIONS } from '../functions/registry.ts';
import { parseBinaryModifiers } from './parse-binary-modifiers.ts';
import { parseGrouping } from './parse-grouping.ts';
import { parseNumber } from './parse-number.ts';
import { parsePostfix } from './parse-postfix.ts';
import { parseSelector } from './parse-selector.ts';
import { DURATION, isAggregator, isMetricName, NUMBER, STRING, type Token } from './token.ts';
import type { TokenStream } from './token-stream.ts';
import { unquote } from './unquote.ts';

const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
};
const POWER = 6;

const EXPERIMENTAL_AGGREGATORS: ReadonlySet<string> = new Set(['limitk', 'limit_ratio']);
const AGGREGATORS_WITH_PARAM: ReadonlySet<string> = new Set([
  'topk',
  'bottomk',
  'quantile',
  'count_values',
  'limitk',
  'limit_ratio',
]);

/** Precedence climbing over binary operators of at least `minimum`; `^` alone binds to the right. */
export function parseExpression(tokens: TokenStream, minimum = 1): Expr {
  return tokens.nested(() => {
    let lhs = parseUnary(tokens);
    for (;;) {
      const precedence = PRECEDENCE[tokens.peek().type];
      if (precedence === undefined || precedence < minimum) return lhs;
      const op = tokens.take();
      const modifiers = parseBinaryModifiers(tokens, op.type);
      const rhs = parseExpression(tokens, precedence === POWER ? POWER : precedence + 1);
      lhs = binary(tokens, op, modifiers, lhs, rhs);
    }
  });
}

function binary(
  tokens: TokenStream,
  op: Token,
  modifiers: ReturnType<typeof parseBinaryModifiers>,
  lhs: Expr,
  rhs: Expr,
): BinaryExpr {
  const position = { start: lhs.position.start, end: rhs.position.end };
  const { fillLeft, fillRight } = modifiers.matching;
  const filled = fillLeft !== undefined || fillRight !== undefined;
  if (filled && !tokens.features.has('promql-binop-fill-modifiers')) {
    tokens.note('binop fill modifiers are experimental and not enabled', position);
  }
  return { kind: 'binaryExpr', op: op.type as BinaryOp, lhs, rhs, ...modifiers, position };
}

/** A sign binds tighter than `*` and looser than `^`: `-1 ^ 2` is `-(1 ^ 2)`. */
function parseUnary(tokens: TokenStream): Expr {
  const { type, start } = tokens.peek();
  if (type !== '+' && type !== '-') return parsePostfix(tokens, parsePrimary(tokens));
  tokens.take();
  const expr = parseExpression(tokens, POWER);
  const position = { start, end: expr.position.end };
  if (expr.kind !== 'numberLiteral') return { kind: 'unaryExpr', op: type, expr, position };
  return { ...expr, value: type === '-' ? -expr.value : expr.value, position };
}

function parsePrimary(tokens: TokenStream): Expr {
  const token = tokens.peek();
  switch (token.type) {
    case NUMBER:
    case DURATION:
      return numberLiteral(tokens);
    case STRING:
      return stringLiteral(tokens);
    case '(':
      return parenthesised(tokens);
    case '{':
      return parseSelector(tokens);
  }
  if (!isMetricName(token.type)) throw tokens.unexpected();
  const following = tokens.peekSecond();
  if (isAggregator(token.type) && ['(', 'by', 'without'].includes(following)) return aggregation(tokens);
  return following === '(' ? call(tokens) : parseSelector(tokens);
}

function numberLiteral(tokens: TokenStream): NumberLiteral {
  const { start, end } = tokens.peek();
  const { value, duration } = parseNumber(tokens);
  return { kind: 'numberLiteral', value, duration, position: { start, end } };
}

function stringLiteral(tokens: TokenStream): Expr {
  const { text, start, end } = tokens.take();
  const value = unquote(text);
  if (value === undefined) tokens.note(`invalid UTF-8 in string literal ${text}`, { start, end });
  return { kind: 'stringLiteral', value: value ?? '', position: { start, end } };
}

function parenthesised(tokens: TokenStream): Expr {
  const { start } = tokens.take();
  const expr = parseExpression(tokens);
  tokens.expect(')');
  return { kind: 'parenExpr', expr, position: { start, end: tokens.end } };
}

function call(tokens: TokenStream): Expr {
  const name = tokens.take();
  const args = parseArguments(tokens);
  const fn = FUNCTIONS.get(name.text);
  if (fn === undefined) tokens.note(`unknown function with name ${JSON.stringify(name.text)}`, name);
  else if (fn.signature.experimental && !tokens.features.has('promql-experimental-functions')) {
    tokens.note(`function ${JSON.stringify(name.text)} is not enabled`, name);
  }
  return { kind: 'call', func: name.text, args, position: { start: name.start, end: tokens.end } };
}

function parseArguments(tokens: TokenStream): Expr[] {
  tokens.expect('(');
  const args: Expr[] = [];
  if (tokens.takeIf(')')) return args;
  args.push(parseExpression(tokens));
  for (let comma = tokens.takeIf(','); comma !== undefined; comma = tokens.takeIf(',')) {
    if (tokens.peek().type === ')') throw tokens.fail('trailing commas not allowed in function call args', comma);
    args.push(parseExpression(tokens));
  }
  tokens.expect(')');
  return args;
}

function aggregation(tokens: TokenStream): Expr {
  const op = tokens.take();
  const before = parseGroupingClause(tokens);
  if (tokens.peek().type !== '(') throw tokens.unexpected('aggregation');
  if (tokens.peekSecond() === ',') {
    tokens.take();
    throw tokens.unexpected('aggregation');
  }
  const args = parseArguments(tokens);
  const grouping = before ?? parseGroupingClause(tokens) ?? { labels: [], without: false };
  const position = { start: op.start, end: tokens.end };
  noteWrongArguments(tokens, op.type, args, position);
  const [param, expr] = AGGREGATORS_WITH_PARAM.has(op.type) ? args : [undefined, args[0]];
  return {
    kind: 'aggregation',
    op: op.type as Aggregator,
    // Where an argument is missing an error is noted, and the expression is never used.
    expr: expr ?? { kind: 'numberLiteral', value: 0, duration: false, position },
    ...(param === undefined ? {} : { param }),
    grouping: grouping.labels,
    without: grouping.without,
    position,
  } satisfies AggregateExpr;
}

function parseGroupingClause(tokens: TokenStream): { labels: readonly string[]; without: boolean } | undefined {
  const clause = tokens.takeIf('by') ?? tokens.takeIf('without');
  return clause && { labels: parseGrouping(tokens), without: clause.type === 'without' };
}

function noteWrongArguments(tokens: TokenStream, op: string, args: readonly Expr[], position: PositionRange): void {
  const wanted = AGGREGATORS_WITH_PARAM.has(op) ? 2 : 1;
  if (args.length === 0) tokens.note('no arguments for aggregate expression provided', position);
  else if (EXPERIMENTAL_AGGREGATORS.has(op) && !tokens.features.has('promql-experimental-functions')) {
    const flag = '--enable-feature=promql-experimental-functions';
    tokens.note(`${op}() is experimental and must be enabled with ${flag}`, position);
  } else if (args.length !== wanted) {
    const reason = `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`;
    tokens.note(reason, position);
  }
}
