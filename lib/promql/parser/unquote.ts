const SIMPLE: Readonly<Record<string, number>> = {
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
  '\\': 0x5c,
  "'": 0x27,
  '"': 0x22,
};

/**
 * The value of a string literal with its quotes, escapes already checked by the lexer. `\x` and octal escapes are
 * bytes, as in Go: several of them can spell one character in UTF-8.
 *
 * @returns undefined when the bytes are not valid UTF-8.
 */
export function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal[0] === '`') return body.replaceAll('\r', '');
  if (!body.includes('\\')) return body;
  const bytes: number[] = [];
  for (let i = 0; i < body.length; ) {
    const codePoint = body.codePointAt(i) as number;
    if (codePoint !== 0x5c) {
      pushUtf8(bytes, codePoint);
      i += codePoint > 0xffff ? 2 : 1;
    } else i += pushEscape(bytes, body, i);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** Appends what the escape at `at` stands for; returns its length in characters. */
function pushEscape(bytes: number[], body: string, at: number): number {
  const char = body[at + 1] as string;
  const simple = SIMPLE[char];
  if (simple !== undefined) {
    bytes.push(simple);
    return 2;
  }
  if (char === 'x') {
    bytes.push(Number.parseInt(body.slice(at + 2, at + 4), 16));
    return 4;
  }
  if (char === 'u' || char === 'U') {
    const end = at + (char === 'u' ? 6 : 10);
    pushUtf8(bytes, Number.parseInt(body.slice(at + 2, end), 16));
    return end - at;
  }
  bytes.push(Number.parseInt(body.slice(at + 1, at + 4), 8));
  return 4;
}

function pushUtf8(bytes: number[], codePoint: number): void {
  for (const byte of Buffer.from(String.fromCodePoint(codePoint), 'utf8')) bytes.push(byte);
}
