import { RE2JS } from 're2js';
import { type Alternative, simpleAlternatives } from './regexp-shape.ts';

/** A regular expression that RE2 does not accept, or that is too large to be run for every series. */
export class RegexpError extends Error {
  override name = 'RegexpError';
}

/** A compiled, fully anchored expression that tells whether a whole string matches. */
export interface StringMatcher {
  matches(value: string): boolean;
  /** The finite set of strings that match, where the expression is a literal or an alternation of literals. */
  readonly setMatches: readonly string[] | undefined;
  /** What every matching string begins with; '' when that is not known. */
  readonly prefix: string;
}

/** Longest expression that is handed to RE2, UTF-16 units. Alternations of plain literals are sets and have no limit. */
export const MAX_REGEXP_LENGTH = 100_000;

/** Largest RE2 program, instructions: what `x{1000}` of a small class needs, fifty times over. */
export const MAX_REGEXP_PROGRAM = 50_000;

/**
 * Compiles an anchored RE2 expression (`^(?s:…)$`, as Prometheus 3.x). Matching is linear in the input, whatever the
 * expression: no user regex ever reaches JavaScript's backtracking engine. Literals, alternations, prefixes, suffixes
 * and substrings, which are most of what people write, are compared as strings.
 *
 * @throws RegexpError with RE2's own reason.
 */
export function compileRegexp(source: string): StringMatcher {
  const alternatives = simpleAlternatives(source);
  if (alternatives === undefined) return programMatcher(source);
  const literals = alternatives.map(literalOf);
  return literals.every((literal) => literal !== undefined) ? setMatcher(literals) : shapeMatcher(alternatives);
}

/**
 * The RE2 program itself, for callers that need capture groups (relabelling, `label_replace`).
 *
 * @throws RegexpError with RE2's own reason, or naming the limit that the expression exceeds.
 */
export function compileAnchored(source: string): RE2JS {
  if (source.length > MAX_REGEXP_LENGTH) {
    throw new RegexpError(
      `regexp of ${source.length} characters is too long: at most ${MAX_REGEXP_LENGTH} are allowed`,
    );
  }
  const program = parse(source);
  const size = program.programSize();
  if (size > MAX_REGEXP_PROGRAM) {
    throw new RegexpError(
      `regexp is too complex: it compiles to ${size} instructions, at most ${MAX_REGEXP_PROGRAM} are allowed; ` +
        'lower its repeat counts or split it',
    );
  }
  return program;
}

function parse(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.DOTALL);
  } catch (error) {
    throw new RegexpError(`error parsing regexp: ${(error as Error).message.replace(/^error parsing regexp: /, '')}`);
  }
}

function setMatcher(literals: readonly string[]): StringMatcher {
  const set = new Set(literals);
  return { matches: (value) => set.has(value), setMatches: [...set], prefix: sharedPrefix(literals) };
}

function shapeMatcher(alternatives: readonly Alternative[]): StringMatcher {
  const matches = (value: string) => alternatives.some((alternative) => matchesAlternative(alternative, value));
  return {
    matches,
    setMatches: undefined,
    prefix: sharedPrefix(alternatives.map((alternative) => alternative.prefix)),
  };
}

function programMatcher(source: string): StringMatcher {
  const regexp = compileAnchored(source);
  const prefix = literalPrefix(source);
  const matches =
    prefix === ''
      ? (value: string) => regexp.testExact(value)
      : (value: string) => value.startsWith(prefix) && regexp.testExact(value);
  return { matches, setMatches: undefined, prefix };
}

function literalOf(alternative: Alternative): string | undefined {
  return alternative.gap ? undefined : alternative.prefix;
}

/** prefix, then at least `least` characters, with `infix` inside them, then suffix. */
function matchesAlternative({ prefix, suffix, infix, least, gap }: Alternative, value: string): boolean {
  if (!gap) return value === prefix;
  if (value.length < prefix.length + suffix.length + least) return false;
  if (!value.startsWith(prefix) || !value.endsWith(suffix)) return false;
  if (infix === undefined) return true;
  const at = value.indexOf(infix.literal, prefix.length + infix.before);
  if (at < 0) return false;
  const last = value.length - suffix.length - infix.after - infix.literal.length;
  return at <= last;
}

function sharedPrefix(values: readonly string[]): string {
  let prefix = values[0] ?? '';
  for (const value of values) {
    let length = 0;
    while (length < prefix.length && prefix[length] === value[length]) length++;
    prefix = prefix.slice(0, length);
  }
  return prefix;
}

/** Leading characters that stand for themselves, where no alternation lets a match begin otherwise. */
function literalPrefix(source: string): string {
  if (hasOuterAlternation(source)) return '';
  const plain = /^[^\\.+*?()[\]{}^$|]*/.exec(source)?.[0] ?? '';
  return /^[*?{]/.test(source.slice(plain.length)) ? withoutLastCodePoint(plain) : plain;
}

/** Errs on the side of true: quoting (`\Q…\E`) is not read, and every `|` in it counts. */
function hasOuterAlternation(source: string): boolean {
  if (source.includes('\\Q')) return source.includes('|');
  const bare = source.replace(/\\./gs, '').replace(/\[\^?\]?(?:\[:\^?[a-z]+:\]|[^\]])*\]/g, '');
  let depth = 0;
  for (const char of bare) {
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === '|' && depth === 0) return true;
  }
  return false;
}

function withoutLastCodePoint(text: string): string {
  return [...text].slice(0, -1).join('');
}
