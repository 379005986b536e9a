import type { Cursor } from './cursor.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** Reads a string as PromQL quotes it: `"…"` and `'…'` with Go's escapes, `` `…` `` without any. */
export function readQuotedString(cursor: Cursor): string {
  const quote = cursor.match(/["'`]/);
  if (quote === undefined) throw cursor.error('expected a quoted string');
  const parts: string[] = [];
  while (!cursor.take(quote)) {
    const plain = cursor.match(quote === '`' ? /[^`]+/ : quote === '"' ? /[^"\\]+/ : /[^'\\]+/);
    parts.push(plain ?? readEscape(cursor));
  }
  return parts.join('');
}

function readEscape(cursor: Cursor): string {
  const sequence = cursor.match(/\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[abfnrtv\\"'])/);
  if (sequence === undefined) throw cursor.error('expected the end of the string or an escape');
  const letter = sequence[1] as string;
  const simple = ESCAPES[letter];
  if (simple !== undefined) return simple;
  const code = /[xuU]/.test(letter) ? Number.parseInt(sequence.slice(2), 16) : Number.parseInt(sequence.slice(1), 8);
  return String.fromCodePoint(code);
}
