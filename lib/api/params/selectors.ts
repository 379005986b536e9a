import type { Matcher } from '../../model/matcher.ts';
import { parseSelector as parseSelectorTokens } from '../../promql/parser/parse-selector.ts';
import { EOF } from '../../promql/parser/token.ts';
import { TokenStream } from '../../promql/parser/token-stream.ts';
import { ApiError } from '../api-error.ts';
import type { Params } from './params.ts';

/**
 * The selectors of `match[]`, each its matchers.
 * @throws ApiError where one cannot be parsed or would match every series there is
 */
export function selectorsOf(params: Params): readonly (readonly Matcher[])[] {
  return params.all('match[]').map(parseBoundedSelector);
}

/**
 * A selector alone, without range or modifiers. Unlike an expression it may match everything.
 * @throws ParseError with Prometheus's text
 */
export function parseSelector(text: string): readonly Matcher[] {
  const tokens = new TokenStream(text, new Set());
  const { matchers } = parseSelectorTokens(tokens);
  tokens.expect(EOF);
  tokens.throwNoted();
  return matchers;
}

function parseBoundedSelector(text: string): readonly Matcher[] {
  const matchers = parseNamed(text);
  if (matchers.every((matcher) => matcher.matches(''))) {
    throw new ApiError('bad_data', 'match[] must contain at least one non-empty matcher');
  }
  return matchers;
}

function parseNamed(text: string): readonly Matcher[] {
  try {
    return parseSelector(text);
  } catch (error) {
    throw new ApiError('bad_data', (error as Error).message);
  }
}
