import type { Cardinality, VectorMatching } from '../ast.ts';
import { parseGrouping } from './parse-grouping.ts';
import { parseNumber } from './parse-number.ts';
import type { TokenStream } from './token-stream.ts';

export interface BinaryModifiers {
  readonly returnBool: boolean;
  readonly matching: VectorMatching;
}

const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** `bool on (…) group_left (…) fill_left (0)`, each part optional. */
export function parseBinaryModifiers(tokens: TokenStream, op: string): BinaryModifiers {
  const returnBool = tokens.takeIf('bool') !== undefined;
  const clause = tokens.takeIf('on') ?? tokens.takeIf('ignoring');
  const labels = clause === undefined ? [] : parseGrouping(tokens);
  const group = clause && (tokens.takeIf('group_left') ?? tokens.takeIf('group_right'));
  const include = group !== undefined && tokens.peek().type === '(' ? parseGrouping(tokens) : [];
  const card = cardinality(group?.type, op);
  return { returnBool, matching: { card, labels, on: clause?.type === 'on', include, ...parseFill(tokens) } };
}

function cardinality(group: string | undefined, op: string): Cardinality {
  if (group === undefined) return SET_OPERATORS.has(op) ? 'many-to-many' : 'one-to-one';
  return group === 'group_left' ? 'many-to-one' : 'one-to-many';
}

/** `fill (x)`, or either or both of `fill_left (x)` and `fill_right (x)`. A metric may bear these names too. */
function parseFill(tokens: TokenStream): { fillLeft?: number; fillRight?: number } {
  const both = parseFillClause(tokens, 'fill');
  if (both !== undefined) return { fillLeft: both, fillRight: both };
  let fillLeft = parseFillClause(tokens, 'fill_left');
  const fillRight = parseFillClause(tokens, 'fill_right');
  fillLeft ??= fillRight === undefined ? undefined : parseFillClause(tokens, 'fill_left');
  return { ...(fillLeft === undefined ? {} : { fillLeft }), ...(fillRight === undefined ? {} : { fillRight }) };
}

function parseFillClause(tokens: TokenStream, keyword: string): number | undefined {
  if (tokens.peek().type !== keyword || tokens.peekSecond() !== '(') return undefined;
  tokens.take();
  tokens.take();
  const sign = tokens.takeIf('-') ?? tokens.takeIf('+');
  const { value } = parseNumber(tokens, `${keyword} modifier`);
  tokens.expect(')', `${keyword} modifier`, '")"');
  return sign?.type === '-' ? -value : value;
}
