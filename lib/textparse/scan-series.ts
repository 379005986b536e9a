import {
  BACKSLASH,
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  continuesLabelName,
  continuesMetricName,
  EQUALS,
  NEWLINE,
  QUOTE,
  SPACE,
  startsLabelName,
  startsMetricName,
  TAB,
} from './ascii.ts';
import { ExpositionSyntaxError } from './errors.ts';

/**
 * Finds the parts of a series or of an exemplar's labels without decoding any: metric name, label names and values as
 * ranges of the page. The page must end with a newline, at which every scan stops.
 *
 * OpenMetrics is strict: no blanks inside braces, commas between labels. The text format allows blanks everywhere
 * and, as Prometheus reads it, labels without a comma between them.
 */
export class SeriesScanner {
  readonly #bytes: Uint8Array;
  readonly #isStrict: boolean;
  /** name start, name end, value start, value end of each label; quotes left out. */
  readonly ranges: number[] = [];
  nameStart = -1;
  nameEnd = -1;
  /** Start of what was scanned. */
  start = 0;
  end = 0;
  #seen = 0;

  constructor(bytes: Uint8Array, isStrict: boolean) {
    this.#bytes = bytes;
    this.#isStrict = isStrict;
  }

  /** Whether all that is between quotes is ASCII; what is not, is so by its grammar. */
  get isAscii(): boolean {
    return this.#seen < 0x80;
  }

  /**
   * Scans a series that begins at `start`.
   * @returns the index after it: after its closing brace, or after a bare name.
   * @throws ExpositionSyntaxError
   */
  scan(start: number): number {
    this.#reset(start);
    let at = start;
    if (startsMetricName(this.#bytes[at])) {
      do at++;
      while (continuesMetricName(this.#bytes[at]));
      this.#setName(start, at);
      const brace = this.#skipBlanks(at);
      if (this.#bytes[brace] !== BRACE_OPEN) return this.#finish(at);
      at = brace;
    } else if (this.#bytes[at] !== BRACE_OPEN) throw this.#fault(at, 'expected a metric name');
    at = this.#labels(at + 1, false);
    if (this.nameStart < 0) throw this.#fault(start, 'the series has no metric name');
    return this.#finish(at);
  }

  /** Scans the label set of an exemplar, whose opening brace is at `start`; there is no name in it. */
  scanExemplar(start: number): number {
    this.#reset(start);
    return this.#finish(this.#labels(start + 1, true));
  }

  #reset(start: number): void {
    this.ranges.length = 0;
    this.nameStart = -1;
    this.nameEnd = -1;
    this.start = start;
    this.#seen = 0;
  }

  #finish(end: number): number {
    this.end = end;
    return end;
  }

  #labels(start: number, isExemplar: boolean): number {
    const bytes = this.#bytes;
    let at = this.#skipBlanks(start);
    while (bytes[at] !== BRACE_CLOSE) {
      at = this.#skipBlanks(this.#label(at, isExemplar));
      if (bytes[at] === COMMA) at = this.#skipBlanks(at + 1);
      else if (this.#isStrict && bytes[at] !== BRACE_CLOSE) {
        throw this.#fault(at, 'expected a comma or a closing brace after the label');
      }
    }
    return at + 1;
  }

  /** A label, or the quoted name of the metric. */
  #label(start: number, isExemplar: boolean): number {
    const bytes = this.#bytes;
    const isQuoted = bytes[start] === QUOTE;
    const nameStart = isQuoted ? start + 1 : start;
    const nameEnd = isQuoted ? this.#quoted(start) : this.#labelName(start);
    let at = this.#skipBlanks(isQuoted ? nameEnd + 1 : nameEnd);
    if (isQuoted && !isExemplar && (bytes[at] === COMMA || bytes[at] === BRACE_CLOSE)) {
      this.#setName(nameStart, nameEnd);
      return at;
    }
    if (bytes[at] !== EQUALS) throw this.#fault(at, 'expected = after the label name');
    if (nameEnd === nameStart) throw this.#fault(start, 'expected a label name that is not empty');
    at = this.#skipBlanks(at + 1);
    if (bytes[at] !== QUOTE) throw this.#fault(at, 'expected a label value in double quotes');
    const valueEnd = this.#quoted(at);
    this.ranges.push(nameStart, nameEnd, at + 1, valueEnd);
    return valueEnd + 1;
  }

  #labelName(start: number): number {
    let at = start;
    if (!startsLabelName(this.#bytes[at])) throw this.#fault(at, 'expected a label name or a closing brace');
    do at++;
    while (continuesLabelName(this.#bytes[at]));
    return at;
  }

  /** @returns the index of the closing quote. */
  #quoted(start: number): number {
    const bytes = this.#bytes;
    let seen = this.#seen;
    let at = start + 1;
    for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) {
      seen |= byte;
      if (byte === BACKSLASH) at++;
      if (bytes[at] === NEWLINE) throw this.#fault(start, 'expected the closing quote on the same line');
      seen |= bytes[at] as number;
    }
    this.#seen = seen;
    return at;
  }

  #setName(start: number, end: number): void {
    if (this.nameStart >= 0) throw this.#fault(start, 'the series has a metric name already');
    if (end === start) throw this.#fault(start, 'expected a metric name that is not empty');
    this.nameStart = start;
    this.nameEnd = end;
  }

  #skipBlanks(start: number): number {
    if (this.#isStrict) return start;
    let at = start;
    while (this.#bytes[at] === SPACE || this.#bytes[at] === TAB) at++;
    return at;
  }

  #fault(at: number, reason: string): ExpositionSyntaxError {
    return new ExpositionSyntaxError(this.#bytes, at, reason);
  }
}
