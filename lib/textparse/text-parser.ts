import type { MetricType } from '../model/metadata.ts';
import { HASH, MINUS, NEWLINE, ZERO } from './ascii.ts';
import { TEXT_TYPES } from './family-types.ts';
import { LineCursor } from './line-cursor.ts';
import type { EntryKind, ParseOptions } from './page-parser.ts';

const HELP = Buffer.from('HELP');
const TYPE = Buffer.from('TYPE');

/**
 * The Prometheus text format, version 0.0.4, with the quoted names of 1.0.0, read as Prometheus reads it. Kinder than
 * Prometheus in one point: lines may end with `\r\n`.
 */
export class TextParser extends LineCursor {
  constructor(page: Uint8Array, options: ParseOptions = {}) {
    super(page, false, options);
  }

  override next(): EntryKind | undefined {
    for (;;) {
      const start = this.#skipBlankLines(this.position);
      this.position = start;
      if (start >= this.bytes.length) return undefined;
      if (this.bytes[start] === HASH) {
        const kind = this.#readComment(start);
        if (kind !== undefined) return kind;
      } else if (this.#readSample(start)) return 'sample';
    }
  }

  #skipBlankLines(start: number): number {
    let at = start;
    for (;;) {
      at = this.skipBlanks(at);
      const after = this.afterLineEnd(at);
      if (after < 0) return at;
      at = after;
    }
  }

  #readSample(start: number): boolean {
    const seriesEnd = this.readSeries(start);
    const valueStart = this.skipBlanks(seriesEnd);
    // The grammar of Prometheus needs no blank after a brace.
    if (valueStart === seriesEnd && !this.isClosed(seriesEnd)) {
      throw this.fault(valueStart, 'expected a value after the series, set apart by a blank');
    }
    const valueEnd = this.tokenEnd(valueStart);
    this.sampleValue = this.readNumber(valueStart, valueEnd, 'a value after the series');
    const at = this.skipBlanks(valueEnd);
    const after = this.afterLineEnd(at);
    if (after >= 0) {
      this.sampleTimestamp = Number.NaN;
      this.position = after;
    } else this.position = this.#readTimestamp(at);
    return this.accept(start);
  }

  /** An integer of milliseconds, then the end of the line. Returns where the next line starts. */
  #readTimestamp(start: number): number {
    const { bytes } = this;
    const isNegative = bytes[start] === MINUS;
    let at = isNegative ? start + 1 : start;
    const digitsStart = at;
    let milliseconds = 0;
    for (; ; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      milliseconds = milliseconds * 10 + digit;
    }
    if (at === digitsStart) throw this.fault(start, 'expected a timestamp in milliseconds or the end of the line');
    if (milliseconds > Number.MAX_SAFE_INTEGER) throw this.fault(start, 'the timestamp is out of range');
    const after = this.afterLineEnd(this.skipBlanks(at));
    if (after < 0) throw this.fault(this.skipBlanks(at), 'expected the end of the line after the timestamp');
    this.sampleTimestamp = isNegative ? -milliseconds : milliseconds;
    return after;
  }

  /** `# HELP` and `# TYPE` mean something; any other comment is none of our business. */
  #readComment(start: number): EntryKind | undefined {
    const word = this.skipBlanks(start + 1);
    const end = this.lineEnd(start);
    this.position = this.bytes.indexOf(NEWLINE, end) + 1;
    if (word === start + 1 || !this.isBlank(word + 4)) return undefined;
    if (this.spells(TYPE, word)) return this.#readType(word + 4, end);
    return this.spells(HELP, word) ? this.#readHelp(word + 4, end) : undefined;
  }

  #readType(at: number, end: number): EntryKind {
    const { name, textStart } = this.#readFamily(at, end);
    const word = this.text.lenient(textStart, end).trimEnd();
    const type = TEXT_TYPES.get(word);
    if (type === undefined)
      throw this.fault(textStart, `expected a metric type (${[...TEXT_TYPES.keys()].join(', ')})`);
    this.setFamilyType(type);
    this.#setTypeFact(name, type);
    return 'type';
  }

  #setTypeFact(name: () => string, type: MetricType): void {
    this.setFact(() => ({ metricFamilyName: name(), type }));
  }

  #readHelp(at: number, end: number): EntryKind {
    const { name, textStart } = this.#readFamily(at, end);
    this.setFact(() => ({ metricFamilyName: name(), help: this.decodeHelp(textStart, end) }));
    return 'help';
  }

  #readFamily(at: number, end: number): { readonly name: () => string; readonly textStart: number } {
    const { start, end: nameEnd, after } = this.readFamilyName(this.skipBlanks(at));
    if (after < end && !this.isBlank(after)) throw this.fault(after, 'expected a blank after the metric name');
    return { name: () => this.decodeName(start, nameEnd), textStart: Math.min(this.skipBlanks(after), end) };
  }
}
