import { DURATION, EOF, ERROR, NUMBER, STRING, type Token, type TokenType, wordType } from './token.ts';

const WORD = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
/** Decimal with `_` between digits, fraction and exponent; or hexadecimal. */
const NUMERAL =
  /0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?/y;
const TIME_SPAN = /\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdw]))*/y;
const ALPHANUMERIC = /[0-9a-zA-Z_.]/y;
/** As far as Prometheus reads before it gives up on a number or duration. */
const MALFORMED_NUMBER = /(?:0[xX][0-9a-fA-F_]*|[\d._]+(?:[eE][+-]?)?\d*)(?:[smhdwy]s?(?:\d+[smhdw]s?)*(?:\d+|\w)?)?/y;
const SPACE = /(?:[ \t\n\r]|#[^\n]*)*/y;
/** What may stand in a duration expression besides numbers and words; brackets report themselves. */
const BRACKET_CHARACTERS: ReadonlySet<string> = new Set('+-*/%^,()[]');
/** Longest first. */
const SYMBOLS = ['==', '!=', '<=', '>=', '</', '>/', '<', '>', '+', '-', '*', '/', '%', '^', '@', ',', '='] as const;

/**
 * Cuts a query into tokens, one at a time, with Prometheus's modes: inside braces only matchers are lexed, inside
 * brackets a colon stands alone. An error is a token too, and the last one.
 */
export class Lexer {
  readonly #input: string;
  #position = 0;
  #parenDepth = 0;
  #inBraces = false;
  #inBrackets = false;
  #sawColon = false;

  constructor(input: string) {
    this.#input = input;
  }

  next(): Token {
    this.#position += matchLength(SPACE, this.#input, this.#position);
    const char = this.#input[this.#position];
    if (char === undefined) return this.#endOfInput();
    if (!this.#inBrackets && (char === '"' || char === "'" || char === '`')) return this.#string(char);
    return this.#inBraces ? this.#insideBraces(char) : this.#statement(char);
  }

  #endOfInput(): Token {
    if (this.#inBraces) return this.#error('unexpected end of input inside braces');
    if (this.#parenDepth > 0) return this.#error('unclosed left parenthesis');
    if (this.#inBrackets) return this.#error('unclosed left bracket');
    return this.#take(EOF, 0);
  }

  #statement(char: string): Token {
    const following = this.#input[this.#position + 1];
    if (isDigit(char) || (char === '.' && isDigit(following))) return this.#number();
    if (/[a-zA-Z_:]/.test(char)) return this.#inBrackets ? this.#wordInBrackets(char) : this.#word();
    if (char === '=' && following === '~') return this.#error("unexpected character after '=': '~'");
    if (char === '!' && following !== '=') {
      return this.#error(`unexpected character after '!': ${quoteRune(this.#input, this.#position + 1)}`);
    }
    if (this.#inBrackets && !BRACKET_CHARACTERS.has(char)) {
      return this.#error(`unexpected character in duration expression: ${quoteRune(this.#input, this.#position)}`);
    }
    const symbol = SYMBOLS.find((candidate) => this.#input.startsWith(candidate, this.#position));
    return symbol === undefined ? this.#bracket(char) : this.#take(symbol, symbol.length);
  }

  #bracket(char: string): Token {
    switch (char) {
      case '(':
        this.#parenDepth++;
        return this.#take(char, 1);
      case ')':
        if (--this.#parenDepth >= 0) return this.#take(char, 1);
        this.#position++;
        return this.#error("unexpected right parenthesis ')'");
      case '{':
        this.#inBraces = true;
        return this.#take(char, 1);
      case '[':
        if (this.#inBrackets) return this.#error("unexpected left bracket '['");
        this.#inBrackets = true;
        this.#sawColon = false;
        return this.#take(char, 1);
      case ']':
        if (!this.#inBrackets) return this.#error("unexpected right bracket ']'");
        this.#inBrackets = false;
        return this.#take(char, 1);
      default:
        return this.#error(`unexpected character: ${quoteRune(this.#input, this.#position)}`);
    }
  }

  #insideBraces(char: string): Token {
    const pair = this.#input.slice(this.#position, this.#position + 2);
    if (pair === '=~' || pair === '!~' || pair === '!=') return this.#take(pair, 2);
    if (char === '=' || char === ',') return this.#take(char, 1);
    if (char === '}') {
      this.#inBraces = false;
      return this.#take(char, 1);
    }
    const name = matchLength(LABEL_NAME, this.#input, this.#position);
    if (name > 0) return this.#take('identifier', name);
    if (char === '{') return this.#error("unexpected left brace '{'");
    if (char === '!') {
      const rune = quoteRune(this.#input, this.#position + 1);
      return this.#error(`unexpected character after '!' inside braces: ${rune}`);
    }
    return this.#error(`unexpected character inside braces: ${quoteRune(this.#input, this.#position)}`);
  }

  #word(): Token {
    const length = matchLength(WORD, this.#input, this.#position);
    return this.#take(wordType(this.#input.slice(this.#position, this.#position + length)), length);
  }

  #wordInBrackets(char: string): Token {
    if (char === ':') {
      if (this.#sawColon) return this.#error("unexpected colon ':'");
      this.#sawColon = true;
      return this.#take(char, 1);
    }
    const length = matchLength(LABEL_NAME, this.#input, this.#position);
    const word = this.#input.slice(this.#position, this.#position + length).toLowerCase();
    if (['step', 'range', 'min_of', 'max_of'].includes(word)) return this.#take(word, length);
    if (word === 'inf' || word === 'nan') return this.#take(NUMBER, length);
    return this.#error(`unexpected character: ${quoteRune(this.#input, this.#position)}, expected ':'`);
  }

  #number(): Token {
    const start = this.#position;
    for (const [type, pattern] of [
      [NUMBER, NUMERAL],
      [DURATION, TIME_SPAN],
    ] as const) {
      const length = matchLength(pattern, this.#input, start);
      if (length > 0 && matchLength(ALPHANUMERIC, this.#input, start + length) === 0) return this.#take(type, length);
    }
    const seen = this.#input.slice(start, start + matchLength(MALFORMED_NUMBER, this.#input, start));
    return this.#error(`bad number or duration syntax: ${JSON.stringify(seen)}`);
  }

  #string(quote: string): Token {
    const input = this.#input;
    let i = this.#position + 1;
    for (; i < input.length && input[i] !== quote; i++) {
      if (quote === '`') continue;
      if (input[i] === '\n') break;
      if (input[i] === '\\') {
        const length = escapeLength(input, i, quote);
        if (typeof length === 'string') return this.#error(length);
        i += length - 1;
      }
    }
    if (input[i] === quote) return this.#take(STRING, i + 1 - this.#position);
    return this.#error(quote === '`' ? 'unterminated raw string' : 'unterminated quoted string');
  }

  #take(type: TokenType, length: number): Token {
    const start = this.#position;
    this.#position += length;
    return { type, text: this.#input.slice(start, this.#position), start, end: this.#position };
  }

  #error(reason: string): Token {
    return { type: ERROR, text: reason, start: this.#position, end: this.#input.length };
  }
}

interface NumericEscape {
  /** Where the digits begin, counted from the backslash. */
  readonly skip: number;
  readonly digits: number;
  readonly base: number;
}

const ESCAPES: Readonly<Record<string, NumericEscape>> = {
  x: { skip: 2, digits: 2, base: 16 },
  u: { skip: 2, digits: 4, base: 16 },
  U: { skip: 2, digits: 8, base: 16 },
};
const OCTAL_ESCAPE: NumericEscape = { skip: 1, digits: 3, base: 8 };

/** Characters that the escape at `at` takes, backslash included, or why it is not one (Go's rules). */
function escapeLength(input: string, at: number, quote: string): number | string {
  const char = input[at + 1];
  if (char === undefined) return 'escape sequence not terminated';
  if (char === quote || 'abfnrtv\\'.includes(char)) return 2;
  const form = ESCAPES[char] ?? (char >= '0' && char <= '7' ? OCTAL_ESCAPE : undefined);
  if (form === undefined) return `unknown escape sequence ${describeRune(input, at + 1)}`;
  const { skip, digits, base } = form;
  for (let i = 0; i < digits; i++) {
    const place = at + skip + i;
    if (place >= input.length) return 'escape sequence not terminated';
    if (Number.isNaN(Number.parseInt(input[place] as string, base))) {
      return `illegal character ${describeRune(input, place)} in escape sequence`;
    }
  }
  const value = Number.parseInt(input.slice(at + skip, at + skip + digits), base);
  const surrogate = value >= 0xd800 && value < 0xe000;
  const limit = digits > 3 ? 0x10ffff : 0xff;
  if (value > limit || (digits > 3 && surrogate)) return 'escape sequence is an invalid Unicode code point';
  return skip + digits;
}

/** `U+0071 'q'`. */
function describeRune(input: string, at: number): string {
  const codePoint = (input.codePointAt(at) as number).toString(16).toUpperCase().padStart(4, '0');
  return `U+${codePoint} ${quoteRune(input, at)}`;
}

function matchLength(pattern: RegExp, input: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(input)?.[0].length ?? 0;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

/** A character in single quotes, as Go's `%q` prints a rune. */
function quoteRune(input: string, at: number): string {
  const codePoint = input.codePointAt(at);
  if (codePoint === undefined) return "'\\x00'";
  const char = String.fromCodePoint(codePoint);
  if (char === "'" || char === '\\') return `'\\${char}'`;
  return `'${JSON.stringify(char).slice(1, -1).replace('\\"', '"')}'`;
}
