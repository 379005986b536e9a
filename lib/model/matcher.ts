import { compileRegexp, type StringMatcher } from './regexp.ts';

export type MatchType = '=' | '!=' | '=~' | '!~';

/** One term of a selector. Regexes are RE2 and anchored at both ends, as in Prometheus. */
export class Matcher {
  readonly name: string;
  readonly type: MatchType;
  readonly value: string;
  readonly #regexp: StringMatcher | undefined;

  /** @throws RegexpError when `value` is not a valid RE2 expression. */
  constructor(type: MatchType, name: string, value: string) {
    this.type = type;
    this.name = name;
    this.value = value;
    this.#regexp = type === '=~' || type === '!~' ? compileRegexp(value) : undefined;
  }

  /** An absent label is the empty string. */
  matches(value: string): boolean {
    switch (this.type) {
      case '=':
        return value === this.value;
      case '!=':
        return value !== this.value;
      case '=~':
        return this.regexp.matches(value);
      case '!~':
        return !this.regexp.matches(value);
    }
  }

  /** The values that alone can match, when the matcher is an equality or a plain alternation; else undefined. */
  get setMatches(): readonly string[] | undefined {
    if (this.type === '=') return [this.value];
    return this.type === '=~' ? this.regexp.setMatches : undefined;
  }

  /** What every matching value begins with; '' when nothing is known. */
  get prefix(): string {
    if (this.type === '=') return this.value;
    return this.type === '=~' ? this.regexp.prefix : '';
  }

  toString(): string {
    return `${this.name}${this.type}${JSON.stringify(this.value)}`;
  }

  private get regexp(): StringMatcher {
    if (this.#regexp === undefined) throw new Error(`BUG: matcher ${this.name}${this.type} has no regexp`);
    return this.#regexp;
  }
}
