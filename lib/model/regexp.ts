import { RE2JS } from 're2js';

/** A regular expression that RE2 does not accept. */
export class RegexpError extends Error {
  override name = 'RegexpError';
}

/** A compiled, fully anchored expression that tells whether a whole string matches. */
export interface StringMatcher {
  matches(value: string): boolean;
  /** The finite set of strings that match, where the expression is a literal or an alternation of literals. */
  readonly setMatches: readonly string[] | undefined;
}

/**
 * Compiles an anchored RE2 expression (`^(?s:…)$`, as Prometheus 3.x). Matching is linear in the input, whatever the
 * expression: no user regex ever reaches JavaScript's backtracking engine.
 *
 * @throws RegexpError with RE2's own reason.
 */
export function compileRegexp(source: string): StringMatcher {
  const literals = literalAlternatives(source);
  if (literals !== undefined) {
    const set = new Set(literals);
    return { matches: (value) => set.has(value), setMatches: literals };
  }
  const regexp = compileAnchored(source);
  return { matches: (value) => regexp.testExact(value), setMatches: undefined };
}

/** The RE2 program itself, for callers that need capture groups (relabelling, `label_replace`). */
export function compileAnchored(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.DOTALL);
  } catch (error) {
    throw new RegexpError(`error parsing regexp: ${(error as Error).message.replace(/^error parsing regexp: /, '')}`);
  }
}

/** `a|b|c` without any meta character is a set. */
function literalAlternatives(source: string): string[] | undefined {
  return /[\\.+*?()[\]{}^$]/.test(source) ? undefined : source.split('|');
}
