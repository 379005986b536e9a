import type { Histogram } from '../model/histogram.ts';
import type { MetricType } from '../model/metadata.ts';
import {
  BACKSLASH,
  BRACE_CLOSE,
  BRACE_OPEN,
  continuesMetricName,
  NEWLINE,
  QUOTE,
  RETURN,
  SPACE,
  startsMetricName,
  TAB,
} from './ascii.ts';
import { decodeSeries } from './decode-series.ts';
import { ExpositionSyntaxError } from './errors.ts';
import { type BoundLabel, boundLabelOf } from './family-types.ts';
import type { KnownSeries } from './known-series.ts';
import { labelRulesKey, PageAccount } from './page-account.ts';
import type { EntryKind, FamilyFact, PageCounts, PageExemplar, PageParser, ParseOptions } from './page-parser.ts';
import { PageText, unescapeHelp, unescapeQuoted } from './page-text.ts';
import { describeFloatFault, readFloat } from './read-float.ts';
import { SeriesScanner } from './scan-series.ts';
import { SeriesCache } from './series-cache.ts';
import { describePosition, locate } from './text-position.ts';

const NO_EXEMPLARS: readonly PageExemplar[] = [];

/**
 * What both text formats have in common: a position in the page, finding the series of a line, names and floats. A page
 * always ends with a newline here (one is added where it is missing), so no scan within a line can leave the page.
 */
export abstract class LineCursor implements PageParser {
  protected readonly bytes: Uint8Array;
  protected readonly text: PageText;
  protected readonly scanner: SeriesScanner;
  protected readonly cache: SeriesCache;
  protected readonly account: PageAccount;
  /** Where the next line starts. */
  protected position = 0;
  protected sampleValue = 0;
  /** NaN where there is none: a number always, so that no sample costs an allocation. */
  protected sampleTimestamp = Number.NaN;
  protected sampleStart = Number.NaN;
  protected sampleExemplars = NO_EXEMPLARS;
  protected current: KnownSeries | undefined;
  /** Of the latest `# TYPE`, whichever family it named: as Prometheus does. */
  protected familyBound: BoundLabel = '';
  readonly #view: DataView;
  readonly #page: number;
  readonly #normalizesBounds: boolean;
  #fact: (() => FamilyFact) | undefined;

  protected constructor(page: Uint8Array, isStrict: boolean, options: ParseOptions) {
    this.account = new PageAccount(page.length, options.limits);
    this.bytes = withFinalNewline(page);
    this.text = new PageText(this.bytes);
    this.scanner = new SeriesScanner(this.bytes, isStrict);
    this.cache = options.cache ?? new SeriesCache();
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    this.#normalizesBounds = options.normalizesBounds ?? true;
    this.#page = this.cache.beginPage(labelRulesKey(this.account.limits, this.#normalizesBounds));
  }

  abstract next(): EntryKind | undefined;

  get series(): KnownSeries {
    if (this.current === undefined) throw new Error('BUG: the page parser stands at no series');
    return this.current;
  }

  get value(): number {
    return this.sampleValue;
  }

  get timestamp(): number | undefined {
    return Number.isNaN(this.sampleTimestamp) ? undefined : this.sampleTimestamp;
  }

  get startTimestamp(): number | undefined {
    return Number.isNaN(this.sampleStart) ? undefined : this.sampleStart;
  }

  get exemplars(): readonly PageExemplar[] {
    return this.sampleExemplars;
  }

  get histogram(): Histogram {
    throw new Error('BUG: text formats have no native histograms');
  }

  get metadata(): FamilyFact {
    if (this.#fact === undefined) throw new Error('BUG: the page parser stands at no metadata');
    return this.#fact();
  }

  get counts(): PageCounts {
    return this.account.snapshot();
  }

  /** Makes a family's field the current entry; it is decoded when somebody asks. */
  protected setFact(fact: () => FamilyFact): void {
    this.#fact = fact;
    this.current = undefined;
  }

  protected setFamilyType(type: MetricType): void {
    this.familyBound = boundLabelOf(type);
  }

  /** Makes the series at `start` the current one, from memory if possible. Returns the index after it. */
  protected readSeries(start: number): number {
    if (this.cache.page !== this.#page) throw new Error('BUG: another page uses the series cache');
    const boundLabel = this.#normalizesBounds ? this.familyBound : '';
    const guess = this.cache.predict(this.#view, start, this.bytes.length, boundLabel);
    if (guess !== undefined && (guess.isClosed || this.#isAfterName(start + guess.length))) {
      this.cache.follow(guess);
      this.current = guess.series;
      return start + guess.length;
    }
    const end = this.scanner.scan(start);
    const spelling = this.#lookUp(start, end, boundLabel);
    this.cache.follow(spelling);
    this.current = spelling.series;
    return end;
  }

  /** The series that the scanner has just found, without making it the current one. */
  protected scannedSeries(): KnownSeries {
    const boundLabel = this.#normalizesBounds ? this.familyBound : '';
    return this.#lookUp(this.scanner.start, this.scanner.end, boundLabel).series;
  }

  #lookUp(start: number, end: number, boundLabel: BoundLabel) {
    const known = this.cache.find(this.#view, start, end, boundLabel);
    if (known !== undefined) return known;
    const labels = decodeSeries(this.bytes, this.text, this.scanner, boundLabel, this.account.limits);
    return this.cache.add(this.#view, start, end, boundLabel, labels);
  }

  /** Whether a metric name that ends at `at` is all there is of the series. */
  #isAfterName(at: number): boolean {
    return this.isBlank(at) && this.bytes[this.skipBlanks(at)] !== BRACE_OPEN;
  }

  /** Counts the sample that was read; false where the page had it before. */
  protected accept(lineStart: number): boolean {
    if (this.series.isRepeated(this.#page, this.sampleTimestamp)) {
      this.account.duplicates++;
      return false;
    }
    this.account.count('samples', () => describePosition(this.bytes, lineStart));
    return true;
  }

  /** Finds the metric name of a `# TYPE` line and its like; `start` and `end` leave out its quotes, if it has any. */
  protected readFamilyName(start: number): { readonly start: number; readonly end: number; readonly after: number } {
    if (this.bytes[start] !== QUOTE) {
      if (!startsMetricName(this.bytes[start])) throw this.fault(start, 'expected a metric name');
      let end = start + 1;
      while (continuesMetricName(this.bytes[end])) end++;
      return { start, end, after: end };
    }
    let end = start + 1;
    while (this.bytes[end] !== QUOTE) {
      if (this.bytes[end] === BACKSLASH) end++;
      if (this.bytes[end] === NEWLINE) throw this.fault(start, 'expected the closing quote on the same line');
      end++;
    }
    if (end === start + 1) throw this.fault(start, 'expected a metric name that is not empty');
    return { start: start + 1, end, after: end + 1 };
  }

  protected decodeName(start: number, end: number): string {
    return unescapeQuoted(this.text.utf8(start, end, 'metric name'));
  }

  protected decodeHelp(start: number, end: number): string {
    return unescapeHelp(this.text.lenient(start, end));
  }

  /** @throws ExpositionSyntaxError for what is no float, naming `what` was expected. */
  protected readNumber(start: number, end: number, what: string): number {
    if (end === start) throw this.fault(start, `expected ${what}`);
    const value = readFloat(this.bytes, start, end);
    if (value !== undefined) return value;
    throw this.fault(start, `cannot read ${what}: ${describeFloatFault(locate(this.bytes, start).token)}`);
  }

  protected isBlank(at: number): boolean {
    const byte = this.bytes[at];
    return byte === SPACE || byte === TAB;
  }

  protected skipBlanks(start: number): number {
    let at = start;
    while (this.bytes[at] === SPACE || this.bytes[at] === TAB) at++;
    return at;
  }

  /** The end of the token at `start`: the next blank or end of line. */
  protected tokenEnd(start: number): number {
    const { bytes } = this;
    let at = start;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte <= SPACE && (byte === SPACE || byte === NEWLINE || byte === TAB || byte === RETURN)) break;
    }
    return at;
  }

  /** The index after the line end at `at` (`\n` or, leniently, `\r\n`), or -1 where the line goes on. */
  protected afterLineEnd(at: number): number {
    const byte = this.bytes[at];
    if (byte === NEWLINE) return at + 1;
    return byte === RETURN && this.bytes[at + 1] === NEWLINE ? at + 2 : -1;
  }

  /** Where the text of the line around `at` ends: before its newline and, leniently, a carriage return. */
  protected lineEnd(at: number): number {
    const newline = this.bytes.indexOf(NEWLINE, at);
    return newline > at && this.bytes[newline - 1] === RETURN ? newline - 1 : newline;
  }

  protected fault(at: number, reason: string): ExpositionSyntaxError {
    return new ExpositionSyntaxError(this.bytes, at, reason);
  }

  /** Whether the bytes at `at` spell `word`. */
  protected spells(word: Uint8Array, at: number): boolean {
    for (let i = 0; i < word.length; i++) if (this.bytes[at + i] !== word[i]) return false;
    return true;
  }

  /** Whether the series that ends before `at` has braces. */
  protected isClosed(at: number): boolean {
    return this.bytes[at - 1] === BRACE_CLOSE;
  }
}

function withFinalNewline(page: Uint8Array): Uint8Array {
  if (page.length === 0 || page[page.length - 1] === NEWLINE) return page;
  const ended = new Uint8Array(page.length + 1);
  ended.set(page);
  ended[page.length] = NEWLINE;
  return ended;
}
