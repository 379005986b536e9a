import { ExpositionSyntaxError } from './errors.ts';

/** The page as a place to take texts from: decodes ranges and undoes their escapes. */
export class PageText {
  readonly #bytes: Uint8Array;
  readonly #buffer: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** A range of which the caller knows that it is ASCII. */
  ascii(start: number, end: number): string {
    return this.#buffer.toString('latin1', start, end);
  }

  /** @throws ExpositionSyntaxError where the range is not UTF-8. */
  utf8(start: number, end: number, what: string): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#bytes.subarray(start, end));
    } catch {
      throw new ExpositionSyntaxError(this.#bytes, start, `the ${what} is not valid UTF-8`);
    }
  }

  /** A range with U+FFFD where it is not UTF-8. */
  lenient(start: number, end: number): string {
    return this.#buffer.toString('utf8', start, end);
  }
}

/** Undoes `\\`, `\"` and `\n`; any other escape stays as it is written. */
export function unescapeQuoted(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\\"n])/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)) : text;
}

/** Undoes `\\` and `\n`, the two escapes of help texts. */
export function unescapeHelp(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\\n])/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)) : text;
}
