import { BRACE_CLOSE, COMMA, EQUALS, NEWLINE, QUOTE, RETURN, SPACE, TAB } from './ascii.ts';

/** A place in a text page as people count: lines and characters from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
  readonly token: string;
}

const MAX_TOKEN_BYTES = 60;
const ENDS_TOKEN = new Set([SPACE, TAB, QUOTE, EQUALS, COMMA, BRACE_CLOSE]);

/** Finds line, column and token of a byte. Walks the page from its start: for errors only. */
export function locate(bytes: Uint8Array, at: number): TextPosition {
  let line = 1;
  let lineStart = 0;
  for (let i = bytes.indexOf(NEWLINE); i >= 0 && i < at; i = bytes.indexOf(NEWLINE, i + 1)) {
    line++;
    lineStart = i + 1;
  }
  const before = decode(bytes.subarray(lineStart, at));
  return { line, column: [...before].length + 1, token: decode(bytes.subarray(at, tokenEnd(bytes, at))) };
}

/** `line 3, column 7`. */
export function describePosition(bytes: Uint8Array, at: number): string {
  const { line, column } = locate(bytes, at);
  return `line ${line}, column ${column}`;
}

/** At least one byte, unless the line ends here. */
function tokenEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && end - at < MAX_TOKEN_BYTES) {
    const byte = bytes[end] as number;
    if (byte === NEWLINE || (byte === RETURN && bytes[end + 1] === NEWLINE)) break;
    if (end > at && ENDS_TOKEN.has(byte)) break;
    end++;
  }
  return end;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
