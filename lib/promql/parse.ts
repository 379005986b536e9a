import type { Expr } from './ast.ts';
import { ParseError } from './errors.ts';
import { parseErrorText } from './parser/parse-error-text.ts';
import { parseExpression } from './parser/parse-expression.ts';
import { EOF } from './parser/token.ts';
import { MAX_DEPTH, TokenStream, tooDeep } from './parser/token-stream.ts';
import type { QueryFeature } from './query-options.ts';
import { checkTypes } from './type-check.ts';
import { children } from './walk.ts';

/** Longer queries are refused before they are read. */
export const MAX_QUERY_LENGTH = 1 << 20;

export interface ParseOptions {
  readonly features?: ReadonlySet<QueryFeature>;
}

const NO_FEATURES: ReadonlySet<QueryFeature> = new Set();

/**
 * Parses and type-checks a PromQL expression by the grammar of Prometheus 3.
 *
 * The parser is written out by hand. The published Lezer grammar serves editors: it recovers from any error, hangs
 * `offset`, `@` and ranges on the whole expression before them (`a + b offset 5m`), and reads `-1^2` as `(-1)^2`. It
 * stands beside this parser in the tests instead, where both must accept the same language.
 *
 * @throws ParseError with Prometheus's text and position.
 */
export function parseExpr(query: string, options: ParseOptions = {}): Expr {
  if (query.length > MAX_QUERY_LENGTH) {
    throw new ParseError(parseErrorText(query, 0, `expression is longer than ${MAX_QUERY_LENGTH} characters`));
  }
  const features = options.features ?? NO_FEATURES;
  return checkTypes(parseSyntax(query, features), query);
}

function parseSyntax(query: string, features: ReadonlySet<QueryFeature>): Expr {
  const tokens = new TokenStream(query, features);
  if (tokens.peek().type === EOF) throw tokens.fail('no expression found in input', { start: 0, end: 0 });
  const expr = parseExpression(tokens);
  tokens.expect(EOF);
  if (depth(expr) > MAX_DEPTH) throw tokens.fail(tooDeep(), expr.position);
  tokens.throwNoted();
  return expr;
}

/** Levels of nesting, counted without recursion: a chain `a + a + …` nests without parentheses. */
function depth(root: Expr): number {
  let level: readonly Expr[] = [root];
  let levels = 0;
  while (level.length > 0) {
    levels++;
    level = level.flatMap((expr) => [...children(expr)]);
  }
  return levels;
}
