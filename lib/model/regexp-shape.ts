/**
 * One alternative of an expression that needs no automaton. Without `gap` it is the literal `prefix`; with it:
 * `prefix`, any text of at least `least` characters, `suffix`; with `infix` that text contains a literal.
 */
export interface Alternative {
  readonly prefix: string;
  readonly gap: boolean;
  readonly least: number;
  readonly suffix: string;
  readonly infix: { readonly literal: string; readonly before: number; readonly after: number } | undefined;
}

/**
 * Reads an expression made of literals, `.*`, `.+`, `|` and groups of these, and multiplies its groups out. Undefined
 * for everything else, invalid expressions included: RE2 decides on those.
 */
export function simpleAlternatives(source: string): readonly Alternative[] | undefined {
  const cursor: Cursor = { source, at: 0 };
  const sequences = alternation(cursor, 0);
  if (sequences === undefined || cursor.at !== source.length) return undefined;
  const alternatives = sequences.map(shapeOf);
  return alternatives.every((alternative) => alternative !== undefined) ? alternatives : undefined;
}

interface Cursor {
  readonly source: string;
  at: number;
}

/** A literal, or the least length (0 or 1) of a wildcard. */
type Item = string | 0 | 1;
type Sequence = readonly Item[];

/** Groups multiply; beyond this many alternatives within groups an automaton is the better form. */
const MAX_EXPANSION = 512;
const MAX_DEPTH = 8;
const PLAIN = /[^\\.+*?()[\]{}^$|]+/y;
const QUANTIFIER = /^[*+?{]/;

/** `a|b|c` up to the end or a closing parenthesis. */
function alternation(cursor: Cursor, depth: number): Sequence[] | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const sequences: Sequence[] = [];
  for (;;) {
    const next = sequence(cursor, depth);
    if (next === undefined) return undefined;
    for (const one of next) sequences.push(one);
    if (cursor.source[cursor.at] !== '|') return depth > 0 && sequences.length > MAX_EXPANSION ? undefined : sequences;
    cursor.at++;
  }
}

function sequence(cursor: Cursor, depth: number): Sequence[] | undefined {
  let heads: Sequence[] = [[]];
  // The whole expression is anchored, so anchors at the outer ends say nothing new.
  if (depth === 0 && cursor.source[cursor.at] === '^') cursor.at++;
  while (cursor.at < cursor.source.length && !'|)'.includes(cursor.source[cursor.at] as string)) {
    if (depth === 0 && /^\$(\||$)/.test(cursor.source.slice(cursor.at, cursor.at + 2))) {
      cursor.at++;
      break;
    }
    const tails = item(cursor, depth);
    if (tails === undefined || heads.length * tails.length > MAX_EXPANSION) return undefined;
    heads = heads.flatMap((head) => tails.map((tail) => [...head, ...tail]));
  }
  return heads;
}

function item(cursor: Cursor, depth: number): Sequence[] | undefined {
  const char = cursor.source[cursor.at];
  const parsed = char === '(' ? group(cursor, depth) : char === '.' ? wildcard(cursor) : literal(cursor);
  return parsed !== undefined && !QUANTIFIER.test(cursor.source.slice(cursor.at, cursor.at + 1)) ? parsed : undefined;
}

function group(cursor: Cursor, depth: number): Sequence[] | undefined {
  cursor.at += cursor.source.startsWith('(?:', cursor.at) ? 3 : 1;
  if (cursor.source[cursor.at] === '?') return undefined;
  const inner = alternation(cursor, depth + 1);
  if (cursor.source[cursor.at] !== ')') return undefined;
  cursor.at++;
  return inner;
}

function wildcard(cursor: Cursor): Sequence[] | undefined {
  const quantifier = cursor.source[cursor.at + 1];
  if (quantifier !== '*' && quantifier !== '+') return undefined;
  cursor.at += 2;
  return [[quantifier === '*' ? 0 : 1]];
}

function literal(cursor: Cursor): Sequence[] | undefined {
  if (cursor.source[cursor.at] === '\\') {
    const escaped = cursor.source[cursor.at + 1] ?? '';
    if (!/^[!-/:-@[-`{-~]$/.test(escaped)) return undefined;
    cursor.at += 2;
    return [[escaped]];
  }
  PLAIN.lastIndex = cursor.at;
  const text = PLAIN.exec(cursor.source)?.[0];
  if (text === undefined) return undefined;
  cursor.at += text.length;
  return [[text]];
}

/** Undefined where the order of several inner literals would matter. */
function shapeOf(items: Sequence): Alternative | undefined {
  const [prefix, rest] = leadingText(items);
  if (rest.length === 0) return { prefix, gap: false, least: 0, suffix: '', infix: undefined };
  const suffixStart = rest.findLastIndex((one) => typeof one !== 'string') + 1;
  const suffix = rest.slice(suffixStart).join('');
  const middle = rest.slice(0, suffixStart);
  const firstText = middle.findIndex((one) => typeof one === 'string');
  if (firstText < 0) return { prefix, gap: true, least: sum(middle), suffix, infix: undefined };
  const [infix, after] = leadingText(middle.slice(firstText));
  if (after.some((one) => typeof one === 'string')) return undefined;
  const before = sum(middle.slice(0, firstText));
  const least = before + infix.length + sum(after);
  return { prefix, gap: true, least, suffix, infix: { literal: infix, before, after: sum(after) } };
}

/** Joins the literals at the front; what follows begins with a wildcard. */
function leadingText(items: Sequence): [string, Sequence] {
  const end = items.findIndex((one) => typeof one !== 'string');
  const texts = end < 0 ? items : items.slice(0, end);
  return [texts.join(''), end < 0 ? [] : items.slice(end)];
}

/** Wildcards side by side: how many characters they take at least. */
function sum(items: Sequence): number {
  return items.reduce<number>((total, one) => total + (one === 1 ? 1 : 0), 0);
}
