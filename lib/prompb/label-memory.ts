import { randomInt } from 'node:crypto';

export interface LabelMemoryOptions {
  /** Bytes, estimated, of each of the two generations that what is known is kept in. */
  readonly generationBytes: number;
  /** Bits of a hash that are used; tests take few, so that hashes collide. */
  readonly hashMask?: number;
}

/** The symbol cannot be remembered. */
export const NO_SYMBOL = -1;

/**
 * Recognises series by their labels as a 2.0 message has them: references to symbols. Every text is given a number once,
 * and a series is the row of its numbers, always compared in full; the first guess is the series that followed the one
 * before. What nobody sends any more is forgotten: a full generation becomes the old one, and what is met again moves on
 * into the young one.
 *
 * One message at a time, from `open` on, without a pause.
 */
export class LabelMemory<T> {
  readonly #options: Required<LabelMemoryOptions>;
  #young: Generation<T>;
  #old: Generation<T> | undefined;
  /** Numbers of the old generation by those of the young one. */
  #oldNumbers: number[] = [];
  /** Numbers of the symbols of the message at hand, by reference. */
  #numbers = new Int32Array(1024);
  #symbols = 0;

  constructor({ generationBytes, hashMask = 0xffffffff }: LabelMemoryOptions) {
    this.#options = { generationBytes, hashMask };
    this.#young = new Generation(hashMask);
  }

  /** Begins a message. */
  open(): void {
    this.#symbols = 0;
    if (this.#young.bytes < this.#options.generationBytes) return;
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
    this.#numbers[this.#symbols++] = this.#young.numberOf(text, this.#options.generationBytes);
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
    if (value !== undefined) this.remember(row, length, value);
    return value;
  }

  /** Remembers a series that was not found; nothing happens when there is no room. */
  remember(row: Int32Array, length: number, value: T): void {
    if (this.#young.bytes < this.#options.generationBytes) this.#young.add(row, length, value);
  }

  /** Bytes, estimated, of all that is remembered. */
  get bytes(): number {
    return this.#young.bytes + (this.#old?.bytes ?? 0);
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

/** What a series takes beside its row: its value, and its places in the lists. */
const SERIES_BYTES = 1000;
const SYMBOL_BYTES = 100;
/** Hashes that collide more often are no accident; what finds no place is not remembered. */
const MAX_PROBES = 64;
const EMPTY = 0;

class Generation<T> {
  bytes = 0;
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
    if (this.bytes >= maxBytes) return NO_SYMBOL;
    const number = this.#texts.push(text) - 1;
    this.#symbols.set(text, number);
    this.bytes += SYMBOL_BYTES + 2 * text.length;
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

  add(row: Int32Array, length: number, value: T): void {
    const series = this.#values.length;
    if (series * 2 >= this.#table.length) this.#growTable();
    if (!this.#place(series, this.#hash(row, length))) return;
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
    this.bytes += SERIES_BYTES + 4 * length;
    if (this.#last >= 0) this.#followers[this.#last] = series;
    this.#last = series;
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
