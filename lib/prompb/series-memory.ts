import { isUtf8 } from 'node:buffer';
import { randomInt } from 'node:crypto';
import { Labels } from '../model/labels.ts';
import { decodeV1 } from './decode-v1.ts';
import { decodeSeriesV2 } from './decode-v2.ts';
import { encodeV1 } from './encode-v1.ts';
import { ReceivedSymbols, type ReceivedText } from './received-symbols.ts';
import { instantiateWasm, PAGE_BYTES, type WasmExports } from './wasm-exports.ts';
import type { RemoteWriteProtocol, TimeSeries } from './write-request.ts';

/**
 * What `next` came to: the end, a series whose labels were never met, one that only the plain decoder can judge,
 * metadata of a family (1.0), or something that makes the whole request one for the plain decoder.
 */
export type Encounter = (typeof ENCOUNTERS)[number];

/** In the order of the numbers in wasm/walk.ts. */
const ENCOUNTERS = ['end', 'new-series', 'unusual-series', 'family', 'give-up'] as const;

/** What the labels of a series may be, in bytes of UTF-8. */
export interface LabelLimits {
  readonly maxLabelsPerSeries: number;
  readonly maxLabelNameLength: number;
  readonly maxLabelValueLength: number;
}

export interface SeriesMemoryOptions {
  /** Bytes of each of the two generations that what is known is kept in. */
  readonly generationBytes: number;
  /** Series within them may be plain. */
  readonly limits: LabelLimits;
  /** Bits of a hash that are used; tests take few, so that hashes collide. */
  readonly hashMask?: number;
}

/** What was taken of a request without anybody being asked: samples of known series. */
export interface Taken {
  readonly selected: number;
  readonly unselected: number;
  /** Series among them that came with metadata (2.0). */
  readonly metadata: number;
}

/** Texts of symbols that are kept as strings; when there are more, they are read anew. */
const MAX_TEXTS = 20_000;

/**
 * Remembers series by the bytes of their labels, each with what was once decided about it, and takes requests apart at
 * the speed at which those bytes can be compared. Samples of selected series go into a message, a compressed
 * `io.prometheus.write.v2.Request`; those of the others are counted; whoever walks the request decides about the rest.
 *
 * One request at a time, from `open` to `close`, without a pause. What is remembered never leaves this object, and its
 * size is bounded: the memory grows to no more than 45 MiB and two generations.
 */
export class SeriesMemory {
  readonly #wasm: WasmExports;
  readonly #bytes: Buffer;
  readonly #texts = new Map<number, string>();
  #turns = 0;
  #isV2 = false;
  #symbols: ReceivedSymbols | undefined;

  constructor({ generationBytes, limits, hashMask = 0xffffffff }: SeriesMemoryOptions) {
    this.#wasm = instantiateWasm();
    const { memory } = this.#wasm;
    // Nobody outside can tell which labels collide.
    const needed = this.#wasm.prepare(generationBytes, randomInt(2 ** 32), randomInt(2 ** 32), hashMask);
    memory.grow(Math.ceil(needed / PAGE_BYTES) + 1 - memory.buffer.byteLength / PAGE_BYTES);
    this.#bytes = Buffer.from(memory.buffer);
    this.#wasm.limit(limits.maxLabelsPerSeries, limits.maxLabelNameLength, limits.maxLabelValueLength);
  }

  /**
   * Begins a request. Samples with timestamps outside [mint, maxt] (ms) are left to the plain decoder. False when the
   * body is corrupt or larger than this memory takes; nothing has happened then.
   */
  open(body: Uint8Array, protocol: RemoteWriteProtocol, mint: number, maxt: number): boolean {
    const wasm = this.#wasm;
    if (body.length === 0 || body.length > wasm.maxCompressed()) return false;
    this.#isV2 = protocol === 'io.prometheus.write.v2.Request';
    this.#symbols = undefined;
    this.#bytes.set(body, wasm.compressedAt());
    return wasm.open(body.length, this.#isV2, Math.max(1, mint), Math.min(maxt, Number.MAX_SAFE_INTEGER)) !== 0;
  }

  /** Takes samples of known series up to the first thing that is none. */
  next(): Encounter {
    return ENCOUNTERS[this.#wasm.next()] as Encounter;
  }

  /** Goes on behind a new series without remembering it. */
  skip(): void {
    this.#wasm.skip();
  }

  /** The field of the message that `next` came to, a message of its own in 1.0. Good until the next `open`. */
  get field(): Uint8Array {
    return this.#bytes.subarray(this.#wasm.itemAt(), this.#wasm.itemEnd());
  }

  /**
   * Decodes the series that `next` came to.
   * @throws DecodeError when it is none; where in the message is not known here.
   */
  readSeries(): TimeSeries {
    if (this.#isV2) {
      this.#symbols ??= new ReceivedSymbols(this.#wasm.symbolCount(), (ref) => this.#readSymbol(ref));
      return decodeSeriesV2(this.field, this.#symbols);
    }
    return decodeV1(this.field).timeseries[0] as TimeSeries;
  }

  /** Whether the labels of the new series are plainly valid: as `readLabels` answers them, and within the limits. */
  get isPlain(): boolean {
    return this.#wasm.isPlain() !== 0;
  }

  /** The metric name of a plain series. */
  get metricName(): string {
    return this.#textAt(this.#wasm.nameAt(), this.#wasm.nameLength());
  }

  /** Remembers that no rule uses the metric name of the plain series at hand: series of that name are counted only. */
  disuseName(): void {
    this.#wasm.disuseName();
  }

  /**
   * Remembers that some rule uses every series of the metric name of the plain series at hand: from now on they are taken
   * without being asked about. False where that was known, and there is no room.
   */
  wantName(): boolean {
    return this.#wasm.wantName() !== 0;
  }

  /** The labels of a plain series; undefined when there is no room to read them. */
  readLabels(): Labels | undefined {
    const count = this.#wasm.internSeries();
    if (count < 0) return undefined;
    const refs = new Uint32Array(this.#bytes.buffer, this.#wasm.refsAt(), count);
    return Labels.fromSortedPairs(Array.from(refs, (symbol) => this.#textOf(symbol)));
  }

  /** Remembers that samples of the new series are counted only. False when there is no room for it. */
  rememberUnselected(): boolean {
    return this.#wasm.rememberUnselected() !== 0;
  }

  /** Remembers that samples of the plain series whose labels were just read go into messages. */
  rememberSelected({ size }: Labels): boolean {
    return this.#wasm.rememberSelected(size * 2) !== 0;
  }

  /** The same for a series that is not plain, with the labels that it was made to have. */
  rememberSelectedAs(labels: Labels): boolean {
    const wasm = this.#wasm;
    const encoded = encodeLabels(labels);
    if (encoded.length > wasm.maxScratch()) return false;
    this.#bytes.set(encoded, wasm.scratchAt());
    return wasm.rememberSelectedAs(this.#isV2, encoded.length) !== 0;
  }

  get taken(): Taken {
    const wasm = this.#wasm;
    return { selected: wasm.selected(), unselected: wasm.unselected(), metadata: wasm.metadata() };
  }

  /** Whether the message has a sample of a metric of that name. */
  hasName(name: string): boolean {
    const wasm = this.#wasm;
    const length = Buffer.byteLength(name);
    if (length > wasm.maxScratch()) return false;
    this.#bytes.write(name, wasm.scratchAt());
    return wasm.isNamed(length) !== 0;
  }

  /** Ends the request and answers its message, compressed; undefined when it is larger than this memory takes. */
  close(): Uint8Array | undefined {
    const start = this.#wasm.compressedAt();
    const length = this.#wasm.close();
    return length === 0 ? undefined : Uint8Array.prototype.slice.call(this.#bytes, start, start + length);
  }

  /** How often the older half of what was known has been forgotten. */
  get turns(): number {
    return this.#wasm.turns();
  }

  #readSymbol(ref: number): ReceivedText {
    const symbol = this.#wasm.requestSymbol(ref);
    const [start, length] = [this.#wasm.textAt(symbol), this.#wasm.textLength(symbol)];
    const text = this.#textAt(start, length);
    return { text, isUtf8: !text.includes('\ufffd') || isUtf8(this.#bytes.subarray(start, start + length)) };
  }

  /** Most names and values come in many series. */
  #textOf(symbol: number): string {
    if (this.#texts.size > MAX_TEXTS || this.#turns !== this.turns) {
      this.#texts.clear();
      this.#turns = this.turns;
    }
    const known = this.#texts.get(symbol);
    if (known !== undefined) return known;
    const text = this.#textAt(this.#wasm.textAt(symbol), this.#wasm.textLength(symbol));
    this.#texts.set(symbol, text);
    return text;
  }

  #textAt(start: number, length: number): string {
    return this.#bytes.toString('utf8', start, start + length);
  }
}

/** The labels alone, as a series of 1.0 has them. */
function encodeLabels(labels: Labels): Uint8Array {
  const series = { labels: [...labels], samples: [], histograms: [], exemplars: [] };
  const field = encodeV1({ timeseries: [series], metadata: [] });
  // Behind the tag comes the length, whose last byte is the first without a continuation bit.
  return field.subarray(field.findIndex((byte, i) => i > 0 && byte < 0x80) + 1);
}
