import type { Matcher } from '../../model/matcher.ts';
import { parseSelector as parseSelectorTokens } from '../../promql/parser/parse-selector.ts';
import { EOF } from '../../promql/parser/token.ts';
import { TokenStream } from '../../promql/parser/token-stream.ts';
import { ApiError } from '../api-error.ts';
import type { Params } from './params.ts';

/** More than any client asks for; each is a lookup of its own. */
const MAX_SELECTORS = 1000;

/**
 * The selectors of `match[]`, each its matchers.
 * @throws ApiError where one cannot be parsed or would match every series there is, and where there are too many
 */
export function selectorsOf(params: Params): readonly (readonly Matcher[])[] {
  return selectorTexts(params).map(parseBoundedSelector);
}

/** @throws ApiError where there are too many */
export function selectorTexts(params: Params): readonly string[] {
  const texts = params.all('match[]');
  if (texts.length <= MAX_SELECTORS) return texts;
  throw new ApiError(
    'bad_data',
    `${texts.length} selectors are more than the ${MAX_SELECTORS} that a request may have`,
  );
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
