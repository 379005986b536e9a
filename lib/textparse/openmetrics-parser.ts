import type { MetricType } from '../model/metadata.ts';
import { BRACE_OPEN, HASH, NEWLINE, SPACE } from './ascii.ts';
import { CreatedTimestamps } from './created-timestamps.ts';
import { decodeLabelRanges } from './decode-series.ts';
import { isTooLong } from './exemplar-length.ts';
import { OPENMETRICS_TYPES } from './family-types.ts';
import { LineCursor } from './line-cursor.ts';
import type { EntryKind, PageExemplar, ParseOptions } from './page-parser.ts';

const DESCRIPTORS = [
  { word: Buffer.from('# TYPE '), kind: 'type' },
  { word: Buffer.from('# HELP '), kind: 'help' },
  { word: Buffer.from('# UNIT '), kind: 'unit' },
] as const;
const END = Buffer.from('# EOF');
const TYPE = Buffer.from('# TYPE ');

const NO_EXEMPLARS: readonly PageExemplar[] = [];

/**
 * OpenMetrics text, versions 0.0.1 and 1.0.0, as strict as Prometheus reads it: single spaces, no blank lines, no free
 * comments, `# EOF` at the end. Kinder in one point: lines may end with `\r\n`. Timestamps, in seconds on the page, are
 * rounded to the nearest millisecond (Prometheus cuts off).
 */
export class OpenMetricsParser extends LineCursor {
  readonly #keepsCreated: boolean;
  #created: CreatedTimestamps | undefined;
  #isFinished = false;

  constructor(page: Uint8Array, options: ParseOptions = {}) {
    super(page, true, options);
    this.#keepsCreated = options.createdLines === 'samples';
  }

  override next(): EntryKind | undefined {
    while (!this.#isFinished) {
      const start = this.position;
      if (start >= this.bytes.length) throw this.fault(start, 'the page does not end with # EOF');
      if (this.bytes[start] === HASH) {
        const kind = this.#readDescriptor(start);
        if (kind !== undefined) return kind;
      } else if (this.#readSample(start)) return 'sample';
    }
    return undefined;
  }

  #readDescriptor(start: number): EntryKind | undefined {
    for (const { word, kind } of DESCRIPTORS) if (this.spells(word, start)) return this.#readFact(kind, start + 7);
    const after = this.spells(END, start) ? this.afterLineEnd(start + END.length) : -1;
    if (after < 0) throw this.fault(start, 'expected # TYPE, # HELP, # UNIT or # EOF, each with single spaces');
    if (after < this.bytes.length) throw this.fault(after, 'expected nothing after # EOF');
    this.#isFinished = true;
    return undefined;
  }

  #readFact(kind: 'type' | 'help' | 'unit', nameAt: number): EntryKind {
    const { start, end: nameEnd, after } = this.readFamilyName(nameAt);
    if (this.bytes[after] !== SPACE) throw this.fault(after, `expected a space and the ${kind} after the metric name`);
    const textStart = after + 1;
    const end = this.lineEnd(textStart);
    this.position = this.bytes.indexOf(NEWLINE, end) + 1;
    const metricFamilyName = this.decodeName(start, nameEnd);
    if (kind === 'type') this.#readType(metricFamilyName, start, nameEnd, textStart, end);
    else if (kind === 'unit') this.#readUnit(metricFamilyName, textStart, end);
    else {
      this.text.utf8(textStart, end, 'help text');
      this.setFact(() => ({ metricFamilyName, help: this.decodeHelp(textStart, end) }));
    }
    return kind;
  }

  #readType(metricFamilyName: string, nameStart: number, nameEnd: number, textStart: number, end: number): void {
    const type = OPENMETRICS_TYPES.get(this.text.lenient(textStart, end));
    if (type === undefined) {
      throw this.fault(textStart, `expected a metric type (${[...OPENMETRICS_TYPES.keys()].join(', ')})`);
    }
    this.setFamilyType(type);
    this.#created = this.#collectCreated(metricFamilyName, type, this.bytes.subarray(nameStart, nameEnd));
    this.setFact(() => ({ metricFamilyName, type }));
  }

  #readUnit(metricFamilyName: string, textStart: number, end: number): void {
    const unit = this.text.utf8(textStart, end, 'unit');
    if (unit !== '' && !metricFamilyName.endsWith(`_${unit}`)) {
      throw this.fault(textStart, `the unit must be a suffix of the name ${JSON.stringify(metricFamilyName)}`);
    }
    this.setFact(() => ({ metricFamilyName, unit }));
  }

  /** Only counters, histograms and summaries have `_created` lines. */
  #collectCreated(family: string, type: MetricType, name: Uint8Array): CreatedTimestamps | undefined {
    if (this.#keepsCreated || (type !== 'counter' && this.familyBound === '')) return undefined;
    const created = new CreatedTimestamps(family, name, this.familyBound);
    created.collect(this.bytes, this.position, TYPE, (lineStart) => {
      const seriesEnd = this.#expectSpace(this.scanner.scan(lineStart));
      const value = this.readNumber(seriesEnd + 1, this.tokenEnd(seriesEnd + 1), 'a created timestamp');
      return { series: this.scannedSeries(), milliseconds: Math.round(value * 1000) };
    });
    return created;
  }

  #readSample(start: number): boolean {
    const seriesEnd = this.#expectSpace(this.readSeries(start));
    const valueEnd = this.tokenEnd(seriesEnd + 1);
    this.sampleValue = this.readNumber(seriesEnd + 1, valueEnd, 'a value after the series');
    this.sampleTimestamp = Number.NaN;
    this.sampleExemplars = NO_EXEMPLARS;
    let at = valueEnd;
    if (this.bytes[at] === SPACE && this.bytes[at + 1] !== HASH) {
      const end = this.tokenEnd(at + 1);
      this.sampleTimestamp = this.#readSeconds(at + 1, end, 'a timestamp in seconds');
      at = end;
    }
    if (this.bytes[at] === SPACE) at = this.#readExemplar(at);
    const after = this.afterLineEnd(at);
    if (after < 0) throw this.fault(at, 'expected the end of the line');
    this.position = after;
    return this.#acceptCreated(seriesEnd + 1) && this.accept(start);
  }

  #expectSpace(at: number): number {
    if (this.bytes[at] !== SPACE) throw this.fault(at, 'expected a space and a value after the series');
    return at;
  }

  /** Puts the start timestamp to the sample; false for a `_created` line, which is none. */
  #acceptCreated(valueStart: number): boolean {
    const created = this.#created;
    this.sampleStart = created === undefined ? Number.NaN : created.of(this.series);
    if (created === undefined || !created.isCreatedLine(this.series)) return true;
    if (!Number.isFinite(this.sampleValue)) throw this.fault(valueStart, 'a created timestamp must be finite');
    this.account.created++;
    return false;
  }

  /** ` # {labels} value [timestamp]`; what else the line holds is not looked at. */
  #readExemplar(start: number): number {
    if (this.bytes[start + 1] !== HASH || this.bytes[start + 2] !== SPACE || this.bytes[start + 3] !== BRACE_OPEN) {
      throw this.fault(start + 1, 'expected an exemplar (# {…} value) or the end of the line');
    }
    const labelsEnd = this.scanner.scanExemplar(start + 3);
    const labels = decodeLabelRanges(this.text, this.scanner);
    if (this.bytes[labelsEnd] !== SPACE) throw this.fault(labelsEnd, 'expected a space and the value of the exemplar');
    const valueEnd = this.tokenEnd(labelsEnd + 1);
    const value = this.readNumber(labelsEnd + 1, valueEnd, 'the value of the exemplar');
    const hasTimestamp = this.bytes[valueEnd] === SPACE;
    const end = hasTimestamp ? this.tokenEnd(valueEnd + 1) : valueEnd;
    const timestamp = hasTimestamp ? this.#readSeconds(valueEnd + 1, end, 'a timestamp in seconds') : undefined;
    const exemplar = { labels, value, timestamp };
    if (isTooLong(exemplar)) this.account.longExemplars++;
    else this.sampleExemplars = [exemplar];
    return end;
  }

  #readSeconds(start: number, end: number, what: string): number {
    const seconds = this.readNumber(start, end, what);
    const milliseconds = Math.round(seconds * 1000);
    if (Number.isSafeInteger(milliseconds)) return milliseconds;
    throw this.fault(start, `cannot read ${what}: it is not finite or out of range`);
  }
}
