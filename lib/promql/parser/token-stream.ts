import type { PositionRange } from '../annotations.ts';
import { ParseError } from '../errors.ts';
import type { QueryFeature } from '../query-options.ts';
import { Lexer } from './lexer.ts';
import { parseErrorText } from './parse-error-text.ts';
import { describeToken, ERROR, type Token, type TokenType } from './token.ts';

/** Nested deeper than this, an expression is refused: everything that walks it is recursive. */
export const MAX_DEPTH = 1000;

/**
 * The tokens of a query with two of lookahead, and the errors found on the way. As in Prometheus, a flaw that leaves
 * the syntax intact is noted and parsing goes on; the first error noted is the one reported.
 */
export class TokenStream {
  readonly query: string;
  readonly features: ReadonlySet<QueryFeature>;
  readonly #lexer: Lexer;
  readonly #errors: ParseError[] = [];
  #ahead: Token[] = [];
  #depth = 0;
  #end = 0;

  constructor(query: string, features: ReadonlySet<QueryFeature>) {
    this.query = query;
    this.features = features;
    this.#lexer = new Lexer(query);
  }

  /** Where the last token taken ends. */
  get end(): number {
    return this.#end;
  }

  /** @throws ParseError where the lexer cannot go on. */
  peek(): Token {
    const token = this.#fill(0);
    if (token.type === ERROR) throw this.fail(token.text, token);
    return token;
  }

  /** The type of the token after the next one; an error there is reported when it is reached. */
  peekSecond(): TokenType {
    return this.#fill(1).type;
  }

  take(): Token {
    const token = this.peek();
    this.#ahead.shift();
    this.#end = token.end;
    return token;
  }

  takeIf(type: TokenType): Token | undefined {
    return this.peek().type === type ? this.take() : undefined;
  }

  expect(type: TokenType, context = '', expected = ''): Token {
    if (this.peek().type !== type) throw this.unexpected(context, expected);
    return this.take();
  }

  /** The error of a token that cannot stand here: `unexpected X in context, expected Y`. */
  unexpected(context = '', expected = ''): ParseError {
    const token = this.peek();
    const where = context === '' ? '' : ` in ${context}`;
    const wanted = expected === '' ? '' : `, expected ${expected}`;
    return this.fail(`unexpected ${describeToken(token)}${where}${wanted}`, token);
  }

  /** Notes an error and returns the one to throw: the first. */
  fail(reason: string, position: PositionRange): ParseError {
    this.note(reason, position);
    return this.#errors[0] as ParseError;
  }

  /** Notes an error that parsing survives. */
  note(reason: string, position: PositionRange): void {
    const { start, end } = position;
    this.#errors.push(new ParseError(parseErrorText(this.query, start, reason), { start, end }));
  }

  /** @throws the first ParseError noted. */
  throwNoted(): void {
    if (this.#errors[0] !== undefined) throw this.#errors[0];
  }

  /** Runs one level of nesting. @throws ParseError beyond MAX_DEPTH. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw this.fail(tooDeep(), this.peek());
    const result = parse();
    this.#depth--;
    return result;
  }

  #fill(index: number): Token {
    for (;;) {
      const token = this.#ahead[index];
      if (token !== undefined) return token;
      const last = this.#ahead.at(-1);
      this.#ahead.push(last?.type === ERROR ? last : this.#lexer.next());
    }
  }
}

export function tooDeep(): string {
  return `expression is nested more than ${MAX_DEPTH} levels deep`;
}
