import { Lexer } from 'yaml';

/** Levels that a document may nest; rule files have five. */
export const MAX_YAML_DEPTH = 100;

/**
 * The line (from 1) where a text begins to nest deeper than `MAX_YAML_DEPTH`; undefined where it does not. The parser
 * calls itself for each level, and takes time by their square. The lexer does neither.
 *
 * Levels are open braces and brackets, and indicators (`-`, `?`, `:`) that follow each other on one line: as many levels
 * by indentation alone would need a line of a hundred spaces.
 */
export function tooDeepLine(text: string): number | undefined {
  let line = 1;
  let flows = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '{' || token === '[') flows++;
    else if (token === '}' || token === ']') flows = Math.max(0, flows - 1);
    else if (flows === 0 && /^[-?:]$/.test(token)) indicators++;
    if (flows + indicators > MAX_YAML_DEPTH || isDeepIndent(token)) return line;
    if (!token.includes('\n')) continue;
    line += token.split('\n').length - 1;
    indicators = 0;
  }
  return undefined;
}

function isDeepIndent(token: string): boolean {
  return token.length > MAX_YAML_DEPTH && /^ +$/.test(token);
}
