import { METRIC_NAME } from '../../model/labels.ts';
import { Matcher, type MatchType } from '../../model/matcher.ts';
import { RegexpError } from '../../model/regexp.ts';
import type { VectorSelector } from '../ast.ts';
import { IDENTIFIER, isMetricName, STRING, type Token } from './token.ts';
import type { TokenStream } from './token-stream.ts';
import { unquote } from './unquote.ts';

const MATCH_TYPES: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~']);

/** `name`, `name{…}` or `{…}`. */
export function parseSelector(tokens: TokenStream): VectorSelector {
  const { start } = tokens.peek();
  const name = isMetricName(tokens.peek().type) ? tokens.take().text : '';
  const matchers = name === '' || tokens.peek().type === '{' ? parseMatchers(tokens) : [];
  if (name !== '') matchers.push(new Matcher('=', METRIC_NAME, name));
  return { kind: 'vectorSelector', name, matchers, offset: 0, position: { start, end: tokens.end } };
}

/** `{a="b", "quoted name"!="c", "metric name"}`, a trailing comma allowed. */
function parseMatchers(tokens: TokenStream): Matcher[] {
  tokens.expect('{');
  const matchers: Matcher[] = [];
  if (tokens.takeIf('}')) return matchers;
  do {
    if (matchers.length > 0 && tokens.peek().type === '}') break;
    matchers.push(...parseMatcher(tokens));
  } while (tokens.takeIf(','));
  tokens.expect('}', 'label matching', '"," or "}"');
  return matchers;
}

/** One matcher; none where an error was noted. */
function parseMatcher(tokens: TokenStream): Matcher[] {
  const token = tokens.peek();
  if (token.type !== IDENTIFIER && token.type !== STRING)
    throw tokens.unexpected('label matching', 'identifier or "}"');
  tokens.take();
  const name = token.type === STRING ? stringValue(tokens, token) : token.text;
  if (MATCH_TYPES.has(tokens.peek().type)) return matcher(tokens, token, name);
  if (token.type === IDENTIFIER) throw tokens.unexpected('label matching', 'label matching operator');
  return [new Matcher('=', METRIC_NAME, name)];
}

function matcher(tokens: TokenStream, nameToken: Token, name: string): Matcher[] {
  const op = tokens.take().type as MatchType;
  const value = tokens.expect(STRING, 'label matching', 'string');
  try {
    return [new Matcher(op, name, stringValue(tokens, value))];
  } catch (error) {
    if (!(error instanceof RegexpError)) throw error;
    tokens.note(error.message, { start: nameToken.start, end: value.end });
    return [];
  }
}

function stringValue(tokens: TokenStream, token: Token): string {
  const value = unquote(token.text);
  if (value === undefined) tokens.note(`invalid UTF-8 in string literal ${token.text}`, token);
  return value ?? '';
}
