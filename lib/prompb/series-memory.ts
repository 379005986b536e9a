import { isUtf8 } from 'node:buffer';
import { randomInt } from 'node:crypto';
import type { Label, Labels } from '../model/labels.ts';
import { decodeV1 } from './decode-v1.ts';
import { decodeSeriesV2 } from './decode-v2.ts';
import { encodeV1 } from './encode-v1.ts';
import { ReceivedSymbols } from './received-symbols.ts';
import { instantiateWasm, type WasmExports } from './wasm-exports.ts';
import type { RemoteWriteProtocol, TimeSeries } from './write-request.ts';

/**
 * What `next` came to: the end, a series whose labels were never met, one that only the plain decoder can judge,
 * metadata of a family (1.0), or something that makes the whole request one for the plain decoder.
 */
export type Encounter = (typeof ENCOUNTERS)[number];

/** In the order of the numbers in wasm/walk.ts. */
const ENCOUNTERS = ['end', 'new-series', 'unusual-series', 'family', 'give-up'] as const;

export interface SeriesMemoryOptions {
  /** Bytes of each of the two generations that what is known is kept in. */
  readonly generationBytes: number;
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

const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
const PAGE_BYTES = 65_536;

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
  #isV2 = false;
  #symbols: ReceivedSymbols | undefined;

  constructor({ generationBytes, hashMask = 0xffffffff }: SeriesMemoryOptions) {
    this.#wasm = instantiateWasm();
    const { memory } = this.#wasm;
    // Nobody outside can tell which labels collide.
    const needed = this.#wasm.prepare(generationBytes, randomInt(2 ** 32), randomInt(2 ** 32), hashMask);
    memory.grow(Math.ceil(needed / PAGE_BYTES) + 1 - memory.buffer.byteLength / PAGE_BYTES);
    this.#bytes = Buffer.from(memory.buffer);
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
    return wasm.open(body.length, this.#isV2, Math.max(1, mint), Math.min(maxt, MAX_INTEGER)) !== 0;
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

  /** Remembers that samples of the new series are counted only. False when there is no room for it. */
  rememberUnselected(): boolean {
    return this.#wasm.rememberUnselected(this.#isV2) !== 0;
  }

  /**
   * Remembers that samples of the new series go into messages, with labels that `sent` were made to. False when there is
   * no room for it.
   */
  rememberSelected(sent: readonly Label[], labels: Labels): boolean {
    const wasm = this.#wasm;
    if (isSame(sent, labels)) return (this.#isV2 ? wasm.rememberSelectedV2() : wasm.rememberSelectedV1()) !== 0;
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

  #readSymbol(ref: number) {
    const start = this.#wasm.symbolAt(ref);
    const end = start + this.#wasm.symbolLength(ref);
    const text = this.#bytes.toString('utf8', start, end);
    return { text, isUtf8: !text.includes('\ufffd') || isUtf8(this.#bytes.subarray(start, end)) };
  }
}

function isSame(sent: readonly Label[], { pairs }: Labels): boolean {
  return (
    pairs.length === sent.length * 2 &&
    sent.every(({ name, value }, i) => pairs[2 * i] === name && pairs[2 * i + 1] === value)
  );
}

/** The labels alone, as a series of 1.0 has them. */
function encodeLabels(labels: Labels): Uint8Array {
  const series = { labels: [...labels], samples: [], histograms: [], exemplars: [] };
  const field = encodeV1({ timeseries: [series], metadata: [] });
  // Behind the tag comes the length, whose last byte is the first without a continuation bit.
  return field.subarray(field.findIndex((byte, i) => i > 0 && byte < 0x80) + 1);
}
