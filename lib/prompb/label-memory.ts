import { randomInt } from 'node:crypto';

export interface LabelMemoryOptions {
  /** Bytes, estimated, that all of it may take. */
  readonly bytes: number;
  /** Bytes, estimated, that a series takes beside its row of numbers: the value, and what hangs on that. */
  readonly valueBytes?: number;
  /** How long a series is remembered at least after it was met, as long as there is room, ms. */
  readonly keepMs?: number;
  /** ms */
  readonly now?: () => number;
  /** Bits of a hash that are used; tests take few, so that hashes collide. */
  readonly hashMask?: number;
}

/** The symbol cannot be remembered. */
export const NO_SYMBOL = -1;

const DEFAULT_VALUE_BYTES = 1000;
/** Nobody scrapes at longer intervals: instant queries look no further back. */
const KEEP_MS = 5 * 60_000;
/** Of all bytes, what symbols may take in each of the two generations; series have the rest. */
const SYMBOL_SHARE = 1 / 8;

/**
 * Recognises series by their labels as a 2.0 message has them: references to symbols. Every text is given a number once,
 * and a series is the row of its numbers, always compared in full; the first guess is the series that followed the one
 * before.
 *
 * From when it is half full, it forgets from time to time what nobody sends any more: the young generation becomes the old
 * one, and what is met again moves on into the young one. A full memory learns nothing until then, but keeps what it knows:
 * series come round and round, so to forget the oldest for the newest would be to forget all of them.
 *
 * One message at a time, from `open` on, without a pause.
 */
export class LabelMemory<T> {
  readonly #options: Required<LabelMemoryOptions>;
  readonly #symbolBytes: number;
  readonly #seriesBytes: number;
  #young: Generation<T>;
  #old: Generation<T> | undefined;
  #turnedAt = Number.NEGATIVE_INFINITY;
  /** Numbers of the old generation by those of the young one. */
  #oldNumbers: number[] = [];
  /** Numbers of the symbols of the message at hand, by reference. */
  #numbers = new Int32Array(1024);
  #symbols = 0;

  constructor(options: LabelMemoryOptions) {
    const {
      bytes,
      valueBytes = DEFAULT_VALUE_BYTES,
      keepMs = KEEP_MS,
      now = Date.now,
      hashMask = 0xffffffff,
    } = options;
    this.#options = { bytes, valueBytes, keepMs, now, hashMask };
    this.#symbolBytes = bytes * SYMBOL_SHARE;
    this.#seriesBytes = bytes - 2 * this.#symbolBytes;
    this.#young = new Generation(hashMask);
  }

  /** Begins a message. */
  open(): void {
    this.#symbols = 0;
    const { symbolBytes } = this.#young;
    if (this.#held < this.#seriesBytes / 2 && symbolBytes < this.#symbolBytes / 2) return;
    const now = this.#options.now();
    if (now - this.#turnedAt < this.#options.keepMs) return;
    this.#turnedAt = now;
    this.#old = this.#young;
    this.#oldNumbers = [];
    this.#young = new Generation(this.#options.hashMask);
  }

  addSymbol(text: string): void {
    if (this.#symbols === this.#numbers.length) {
      const larger = new Int32Array(this.#symbols * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#symbols++] = this.#young.numberOf(text, this.#symbolBytes);
  }

  /** How many symbols the message has. */
  get symbols(): number {
    return this.#symbols;
  }

  /** The number of a symbol that the message has; `NO_SYMBOL` when there was no room for it. */
  symbol(reference: number): number {
    return this.#numbers[reference] as number;
  }

  /** What is remembered of the series whose row of numbers is the first `length` of `row`. */
  find(row: Int32Array, length: number): T | undefined {
    const young = this.#young.find(row, length);
    if (young !== undefined || this.#old === undefined) return young;
    const value = this.#old.find(this.#inOld(row, length), length);
    if (value === undefined) return undefined;
    const bytes = this.#bytesOf(length);
    if (this.#young.add(row, length, value, bytes)) this.#old.seriesBytes -= bytes;
    return value;
  }

  /** Remembers a series that was not found; nothing happens when there is no room. */
  remember(row: Int32Array, length: number, value: T): void {
    const bytes = this.#bytesOf(length);
    if (this.#held + bytes <= this.#seriesBytes) this.#young.add(row, length, value, bytes);
  }

  /** Bytes, estimated, of all that is remembered. */
  get bytes(): number {
    return this.#held + this.#young.symbolBytes + (this.#old?.symbolBytes ?? 0);
  }

  get #held(): number {
    return this.#young.seriesBytes + (this.#old?.seriesBytes ?? 0);
  }

  #bytesOf(length: number): number {
    return this.#options.valueBytes + NUMBER_BYTES * length;
  }

  #inOld(row: Int32Array, length: number): Int32Array {
    const inOld = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const number = row[i] as number;
      inOld[i] = this.#oldNumbers[number] ??= this.#old?.symbolOf(this.#young.textOf(number)) ?? NO_SYMBOL;
    }
    return inOld;
  }
}

const NUMBER_BYTES = 4;
const SYMBOL_BYTES = 100;
/** Hashes that collide more often are no accident; what finds no place is not remembered. */
const MAX_PROBES = 64;
const EMPTY = 0;

class Generation<T> {
  symbolBytes = 0;
  /** Of series that did not move on. */
  seriesBytes = 0;
  readonly #hashMask: number;
  readonly #seed = randomInt(2 ** 32);
  readonly #factor = randomInt(2 ** 31) * 2 + 1;
  readonly #symbols = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #values: T[] = [];
  /** Of each series where its row begins, one more than there are; and the rows, one after the other. */
  #begins = new Int32Array(256);
  #rows = new Int32Array(4096);
  /** Of each series the one that followed it last time. */
  #followers = new Int32Array(256);
  /** Numbers of series, from 1 on, at the place of their hash or behind it. */
  #table = new Int32Array(512);
  /** The series that was found last. */
  #last = -1;

  constructor(hashMask: number) {
    this.#hashMask = hashMask;
  }

  numberOf(text: string, maxBytes: number): number {
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    const bytes = SYMBOL_BYTES + 2 * text.length;
    if (this.symbolBytes + bytes > maxBytes) return NO_SYMBOL;
    const number = this.#texts.push(text) - 1;
    this.#symbols.set(text, number);
    this.symbolBytes += bytes;
    return number;
  }

  symbolOf(text: string): number | undefined {
    return this.#symbols.get(text);
  }

  textOf(number: number): string {
    return this.#texts[number] as string;
  }

  find(row: Int32Array, length: number): T | undefined {
    const guess = this.#last < 0 ? 0 : (this.#followers[this.#last] as number);
    if (guess < this.#values.length && this.#isAt(guess, row, length)) {
      this.#last = guess;
      return this.#values[guess];
    }
    const mask = this.#table.length - 1;
    let place = this.#hash(row, length) & mask;
    for (let i = 0; i < MAX_PROBES; i++, place = (place + 1) & mask) {
      const series = (this.#table[place] as number) - 1;
      if (series < 0) return undefined;
      if (!this.#isAt(series, row, length)) continue;
      if (this.#last >= 0) this.#followers[this.#last] = series;
      this.#last = series;
      return this.#values[series];
    }
    return undefined;
  }

  /** False when there is no place for its hash. */
  add(row: Int32Array, length: number, value: T, bytes: number): boolean {
    const series = this.#values.length;
    if (series * 2 >= this.#table.length) this.#growTable();
    if (!this.#place(series, this.#hash(row, length))) return false;
    if (series + 1 === this.#begins.length) {
      this.#begins = grown(this.#begins);
      this.#followers = grown(this.#followers);
    }
    const begin = this.#begins[series] as number;
    while (begin + length > this.#rows.length) this.#rows = grown(this.#rows);
    for (let i = 0; i < length; i++) this.#rows[begin + i] = row[i] as number;
    this.#begins[series + 1] = begin + length;
    // Whoever is met first behind it is remembered next.
    this.#followers[series] = series + 1;
    this.#values.push(value);
    this.seriesBytes += bytes;
    if (this.#last >= 0) this.#followers[this.#last] = series;
    this.#last = series;
    return true;
  }

  #isAt(series: number, row: Int32Array, length: number): boolean {
    const begin = this.#begins[series] as number;
    if ((this.#begins[series + 1] as number) - begin !== length) return false;
    const rows = this.#rows;
    for (let i = 0; i < length; i++) if (rows[begin + i] !== row[i]) return false;
    return true;
  }

  /** Nobody outside knows the seed and the factor, so nobody can tell which rows collide. */
  #hash(row: Int32Array, length: number): number {
    let hash = this.#seed;
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ (row[i] as number), this.#factor);
      hash ^= hash >>> 15;
    }
    return (hash & this.#hashMask) >>> 0;
  }

  #place(series: number, hash: number): boolean {
    const mask = this.#table.length - 1;
    let place = hash & mask;
    for (let i = 0; i < MAX_PROBES; i++, place = (place + 1) & mask) {
      if (this.#table[place] !== EMPTY) continue;
      this.#table[place] = series + 1;
      return true;
    }
    return false;
  }

  #growTable(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    for (let series = 0; series < this.#values.length; series++) {
      const row = this.#rows.subarray(this.#begins[series], this.#begins[series + 1]);
      this.#place(series, this.#hash(row, row.length));
    }
  }
}

function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
