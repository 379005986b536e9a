import { AGGREGATORS } from '../ast.ts';

/** What a token is; symbols, operators and keywords are their own text in lower case. */
export type TokenType = string;

export interface Token {
  readonly type: TokenType;
  /** As written in the query; the reason, for an error. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export const EOF = 'eof';
export const ERROR = 'error';
export const IDENTIFIER = 'identifier';
/** An identifier with a colon: a metric name, never a label name. */
export const METRIC_IDENTIFIER = 'metric identifier';
export const NUMBER = 'number';
export const DURATION = 'duration';
export const STRING = 'string';

const AGGREGATOR_WORDS: ReadonlySet<string> = new Set(AGGREGATORS);
const WORD_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless', 'atan2']);
const SYMBOL_OPERATORS: ReadonlySet<string> = new Set('+ - * / % ^ == != < > <= >= =~ !~ @ </ >/'.split(' '));
/** Keywords that a metric may nevertheless be called. */
const SOFT_KEYWORDS: ReadonlySet<string> = new Set([
  'offset',
  'smoothed',
  'anchored',
  'by',
  'without',
  'start',
  'end',
  'step',
  'range',
  'min_of',
  'max_of',
  'fill',
  'fill_left',
  'fill_right',
]);
const HARD_KEYWORDS: ReadonlySet<string> = new Set(['on', 'ignoring', 'group_left', 'group_right', 'bool']);

/** The type of a bare word: keywords in any case, `inf` and `nan` as numbers, everything else an identifier. */
export function wordType(word: string): TokenType {
  const lower = word.toLowerCase();
  if (isAggregator(lower) || isKeyword(lower) || WORD_OPERATORS.has(lower)) return lower;
  if (lower === 'inf' || lower === 'nan') return NUMBER;
  return word.includes(':') ? METRIC_IDENTIFIER : IDENTIFIER;
}

export function isAggregator(type: TokenType): boolean {
  return AGGREGATOR_WORDS.has(type);
}

/** Whether a token can be a metric's name where a selector may begin. */
export function isMetricName(type: TokenType): boolean {
  const plain = type === IDENTIFIER || type === METRIC_IDENTIFIER;
  return plain || isAggregator(type) || SOFT_KEYWORDS.has(type) || (WORD_OPERATORS.has(type) && type !== 'atan2');
}

/** Whether a token can be a label's name in `by (…)`, `on (…)` and their kin. */
export function isLabelName(type: TokenType): boolean {
  return type === IDENTIFIER || isAggregator(type) || isKeyword(type) || WORD_OPERATORS.has(type);
}

/** A token as Prometheus names it in `unexpected …`. */
export function describeToken(token: Token): string {
  const { type, text } = token;
  if (type === EOF) return 'end of input';
  if (isAggregator(type)) return `<aggr:${text}>`;
  if (SYMBOL_OPERATORS.has(type) || WORD_OPERATORS.has(type)) return `<op:${text}>`;
  if (isKeyword(type)) return `<${text}>`;
  if (type === IDENTIFIER || type === METRIC_IDENTIFIER) return `${type} ${quote(text)}`;
  const quoted = text.length > 10 ? `${quote(text.slice(0, 10))}...` : quote(text);
  return type === NUMBER || type === DURATION || type === STRING ? `${type} ${quoted}` : quoted;
}

function isKeyword(type: TokenType): boolean {
  return SOFT_KEYWORDS.has(type) || HARD_KEYWORDS.has(type);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
