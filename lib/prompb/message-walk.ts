import { isUtf8 } from 'node:buffer';
import type { Label } from '../model/labels.ts';
import { STALE_HIGH, STALE_LOW, STALE_NAN } from '../model/stale-marker.ts';
import { decodeSeriesV2, SERIES_COST } from './decode-v2.ts';
import { type LabelMemory, NO_SYMBOL } from './label-memory.ts';
import type { ReceivedSamples } from './received-samples.ts';
import { ReceivedSymbols } from './received-symbols.ts';
import { MAX_ELEMENTS } from './wire-reader.ts';
import { DecodeError, type TimeSeries } from './write-request.ts';

/** What a series has beside labels and samples. */
export type BesideSamples = Pick<TimeSeries, 'histograms' | 'metadata'>;

export interface SeriesVisitor<T> {
  /** Makes of the labels of a series, as they were sent, what is remembered of it. */
  readonly meet: (labels: readonly Label[]) => T;
  /** A series of the message, in order; its samples stand at [begin, end). */
  readonly take: (series: T, begin: number, end: number, beside?: BesideSamples) => void;
}

const SYMBOLS = 0x22;
const TIMESERIES = 0x2a;
const LABELS_REFS = 0x0a;
const SAMPLES = 0x12;
const VALUE = 0x09;
const TIMESTAMP = 0x10;
const START_TIMESTAMP = 0x18;

const REPLACEMENT = '\ufffd';

/**
 * Walks an uncompressed `io.prometheus.write.v2.Request`: series that `memory` knows cost a comparison of numbers, and
 * only labels met first are read as text. A series with more than samples goes through the plain decoder.
 */
export class MessageWalk<T> {
  readonly #memory: LabelMemory<T>;
  readonly #visitor: SeriesVisitor<T>;
  readonly #samples: ReceivedSamples;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #texts: string[] = [];
  #row = new Int32Array(256);
  #position = 0;
  /** Counted as the plain decoder does, or from above. */
  #elements = 0;

  constructor(bytes: Uint8Array, memory: LabelMemory<T>, samples: ReceivedSamples, visitor: SeriesVisitor<T>) {
    this.#memory = memory;
    this.#visitor = visitor;
    this.#samples = samples;
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /**
   * False when the message, or anything in it, is not as our receiver writes it. It is then for the plain decoder, and
   * what was visited and stands in the samples is void.
   */
  run(): boolean {
    this.#memory.open();
    if (!this.#readSymbols()) return false;
    while (this.#position < this.#bytes.length) {
      if (!this.#readSeries() || this.#elements > MAX_ELEMENTS) return false;
    }
    return true;
  }

  /** All of them come before the series, as they do in what we write. */
  #readSymbols(): boolean {
    const bytes = this.#bytes;
    while (bytes[this.#position] === SYMBOLS) {
      this.#position++;
      const end = this.#enter(bytes.length);
      if (end < 0) return false;
      const text = bytes.toString('utf8', this.#position, end);
      if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(this.#position, end))) return false;
      this.#texts.push(text);
      this.#memory.addSymbol(text);
      this.#position = end;
    }
    this.#elements = this.#texts.length;
    return this.#texts[0] === '';
  }

  #readSeries(): boolean {
    const start = this.#position++;
    if (this.#bytes[start] !== TIMESERIES) return false;
    const end = this.#enter(this.#bytes.length);
    if (end < 0) return false;
    const begin = this.#samples.length;
    const length = this.#readRow(end);
    if (length >= 0 && this.#readSamples(end)) {
      const series = this.#memory.find(this.#row, length);
      if (series !== undefined) {
        this.#elements += SERIES_COST + length + this.#samples.length - begin;
        this.#visitor.take(series, begin, this.#samples.length);
        return true;
      }
    }
    this.#position = end;
    this.#samples.length = begin;
    return this.#readPlainly(this.#bytes.subarray(start, end), length);
  }

  /** Puts the numbers of the series' symbols into the row and answers how many they are; -1 where they are not plain. */
  #readRow(seriesEnd: number): number {
    const bytes = this.#bytes;
    if (bytes[this.#position] !== LABELS_REFS) return -1;
    this.#position++;
    const end = this.#enter(seriesEnd);
    if (end < 0) return -1;
    if (end - this.#position > this.#row.length) this.#row = new Int32Array(2 * (end - this.#position));
    const [row, memory] = [this.#row, this.#memory];
    let length = 0;
    let at = this.#position;
    while (at < end) {
      let reference = bytes[at++] as number;
      if (reference > 0x7f) {
        this.#position = at - 1;
        reference = this.#varint(end);
        at = this.#position;
      }
      if (reference < 0 || reference >= memory.symbols) return -1;
      const number = memory.symbol(reference);
      if (number === NO_SYMBOL) return -1;
      row[length++] = number;
    }
    this.#position = end;
    return length % 2 === 0 ? length : -1;
  }

  /** False where anything but samples follows. */
  #readSamples(seriesEnd: number): boolean {
    while (this.#position < seriesEnd) {
      if (this.#bytes[this.#position] !== SAMPLES) return false;
      this.#position++;
      const end = this.#enter(seriesEnd);
      if (end < 0 || !this.#readSample(end)) return false;
    }
    return true;
  }

  #readSample(end: number): boolean {
    const samples = this.#samples;
    samples.reserve();
    const place = samples.length;
    samples.timestamps[place] = 0;
    samples.values[place] = 0;
    samples.startTimestamps[place] = 0;
    while (this.#position < end) {
      const tag = this.#bytes[this.#position++];
      if (tag === VALUE) {
        if (this.#position + 8 > end) return false;
        samples.values[place] = this.#double();
      } else if (tag === TIMESTAMP || tag === START_TIMESTAMP) {
        const time = this.#varint(end);
        if (time < 0) return false;
        (tag === TIMESTAMP ? samples.timestamps : samples.startTimestamps)[place] = time;
      } else return false;
    }
    samples.length++;
    return true;
  }

  /** A series that is met first, or has more than samples. */
  #readPlainly(field: Uint8Array, length: number): boolean {
    this.#elements += field.length / 2 + 2 * SERIES_COST;
    try {
      const { labels, samples, ...beside } = decodeSeriesV2(field, this.#symbols());
      // References may come in several pieces, of which the row has the first.
      const isRow = length === labels.length * 2;
      let series = isRow ? this.#memory.find(this.#row, length) : undefined;
      if (series === undefined) {
        series = this.#visitor.meet(labels);
        if (isRow) this.#memory.remember(this.#row, length, series);
      }
      const begin = this.#samples.length;
      for (const sample of samples) this.#samples.push(sample);
      this.#visitor.take(series, begin, this.#samples.length, beside);
      return true;
    } catch (error) {
      // Where in the message it is the plain decoder can tell.
      if (error instanceof DecodeError) return false;
      throw error;
    }
  }

  #symbols(): ReceivedSymbols {
    return new ReceivedSymbols(this.#texts.length, (ref) => ({ text: this.#texts[ref] as string, isUtf8: true }));
  }

  /** Reads a length and answers where what it measures ends; -1 when that is beyond `limit`. */
  #enter(limit: number): number {
    const length = this.#varint(limit);
    return length < 0 || this.#position + length > limit ? -1 : this.#position + length;
  }

  /** A whole number below 2^49; -1 for any other. */
  #varint(limit: number): number {
    const bytes = this.#bytes;
    let at = this.#position;
    let [value, factor] = [0, 1];
    for (let i = 0; i < 7 && at < limit; i++) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) {
        this.#position = at;
        return value;
      }
    }
    return -1;
  }

  #double(): number {
    const at = this.#position;
    this.#position += 8;
    const value = this.#view.getFloat64(at, true);
    if (!Number.isNaN(value)) return value;
    const isMarker = this.#view.getUint32(at, true) === STALE_LOW && this.#view.getUint32(at + 4, true) === STALE_HIGH;
    return isMarker ? STALE_NAN : Number.NaN;
  }
}
