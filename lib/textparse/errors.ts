import type { PageLimits } from './page-limits.ts';
import { locate } from './text-position.ts';

/** Whatever is wrong with a page; nothing of the page should then be used, as Prometheus fails the whole scrape. */
export class ExpositionError extends Error {
  override name = 'ExpositionError';
}

/** Text that breaks the grammar of its format. `line` and `column` (in characters) count from 1. */
export class ExpositionSyntaxError extends ExpositionError {
  override name = 'ExpositionSyntaxError';
  readonly line: number;
  readonly column: number;
  /** What stands where the parser stopped; empty at the end of a line. */
  readonly token: string;

  /** @param at index into `bytes` of the first byte that does not fit. */
  constructor(bytes: Uint8Array, at: number, reason: string) {
    const { line, column, token } = locate(bytes, at);
    super(`cannot parse the page: line ${line}, column ${column}: ${reason}, found ${describe(token)}`);
    this.line = line;
    this.column = column;
    this.token = token;
  }
}

/** A protobuf page whose bytes or messages are not what the format says. */
export class ExpositionDecodeError extends ExpositionError {
  override name = 'ExpositionDecodeError';
  /** Index of the byte at which decoding stopped. */
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`cannot decode the page: ${reason}, at byte ${offset}`);
    this.offset = offset;
  }
}

/** A page that is larger in some way than the caller allows. */
export class ExpositionLimitError extends ExpositionError {
  override name = 'ExpositionLimitError';
  readonly limit: keyof PageLimits;

  /** @param where the place in the page and what is too large there: `line 3, column 1: the series has 90 labels`. */
  constructor(limit: keyof PageLimits, allowed: number, where: string) {
    super(`cannot take the page: ${where}: more than the limit of ${allowed} (${limit})`);
    this.limit = limit;
  }
}

/** The response's content type is missing, malformed, or of a format that we do not read. */
export class UnknownFormatError extends ExpositionError {
  override name = 'UnknownFormatError';
}

function describe(token: string): string {
  return token === '' ? 'the end of the line' : JSON.stringify(token);
}
