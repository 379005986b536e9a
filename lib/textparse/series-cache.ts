import type { Labels } from '../model/labels.ts';
import type { BoundLabel } from './family-types.ts';
import { KnownSeries } from './known-series.ts';
import { hashBytes, sameBytes } from './same-bytes.ts';

/** One way in which a page wrote a series: its bytes from the metric name to the closing brace. */
export interface Spelling {
  /** Where the bytes begin in the cache's own memory. */
  readonly start: number;
  readonly length: number;
  /** Which label was normalised when it was read; the same bytes under another `# TYPE` may be another series. */
  readonly boundLabel: BoundLabel;
  readonly series: KnownSeries;
  /** Whether it ends with a brace. After a bare name more may follow. */
  readonly isClosed: boolean;
  /** What came after it the last time. */
  successor: Spelling | undefined;
  readonly sameHash: Spelling | undefined;
}

const MIN_FORGETTABLE = 10_000;
const MAX_SPELLINGS_PER_LINE = 4;

/**
 * Remembers series by the bytes that spell them, from page to page of one source. A target writes its series in the same
 * order every time, so the series after X is looked for where it was after X last time: one comparison of bytes
 * finds most of them, and no label is read twice.
 *
 * One page at a time may use it. It forgets everything when it has grown to several times what the last page needed.
 */
export class SeriesCache {
  readonly #maxSpellings: number;
  readonly #seed = Math.floor(Math.random() * 2 ** 32) | 0;
  readonly #byHash = new Map<number, Spelling>();
  readonly #byKey = new Map<string, KnownSeries>();
  #memory = new Uint8Array(16 * 1024);
  #view = new DataView(this.#memory.buffer);
  #used = 0;
  #spellings = 0;
  #page = 0;
  #rules = '';
  #lookups = 0;
  #first: Spelling | undefined;
  #previous: Spelling | undefined;

  /** @param maxSpellings how many spellings of series it may keep (each about its own bytes and 300 more). */
  constructor(maxSpellings = 1_000_000) {
    this.#maxSpellings = maxSpellings;
  }

  /** How many series it knows. */
  get size(): number {
    return this.#byKey.size;
  }

  /**
   * Starts a page: predictions begin at the first series again.
   * @param rules what besides its bytes decides which labels a spelling has; under other rules nothing is remembered.
   * @returns the page's number, which marks what the page has shown.
   */
  beginPage(rules: string): number {
    const isOvergrown = this.#spellings > Math.max(MIN_FORGETTABLE, MAX_SPELLINGS_PER_LINE * this.#lookups);
    if (rules !== this.#rules || this.#spellings > this.#maxSpellings || isOvergrown) this.#clear();
    this.#rules = rules;
    this.#previous = undefined;
    this.#lookups = 0;
    return ++this.#page;
  }

  /** The page in progress. */
  get page(): number {
    return this.#page;
  }

  /** The spelling that came next the last time, where the page has the same bytes at `at` and before `end`. */
  predict(page: DataView, at: number, end: number, boundLabel: BoundLabel): Spelling | undefined {
    const guess = this.#previous === undefined ? this.#first : this.#previous.successor;
    if (guess === undefined || guess.boundLabel !== boundLabel || at + guess.length > end) return undefined;
    return sameBytes(this.#view, guess.start, page, at, guess.length) ? guess : undefined;
  }

  /** Notes that the page shows this spelling next. */
  follow(spelling: Spelling): void {
    this.#lookups++;
    const previous = this.#previous;
    if (previous === undefined) this.#first = spelling;
    else if (previous.successor !== spelling) previous.successor = spelling;
    this.#previous = spelling;
  }

  find(page: DataView, start: number, end: number, boundLabel: BoundLabel): Spelling | undefined {
    const length = end - start;
    let spelling = this.#byHash.get(hashBytes(page, start, length, this.#seed));
    for (; spelling !== undefined; spelling = spelling.sameHash) {
      if (spelling.length !== length || spelling.boundLabel !== boundLabel) continue;
      if (sameBytes(this.#view, spelling.start, page, start, length)) return spelling;
    }
    return undefined;
  }

  /** Remembers a spelling that `find` does not know. */
  add(page: DataView, start: number, end: number, boundLabel: BoundLabel, labels: Labels): Spelling {
    const length = end - start;
    const hash = hashBytes(page, start, length, this.#seed);
    const spelling: Spelling = {
      start: this.#store(page, start, length),
      length,
      boundLabel,
      series: this.intern(labels),
      isClosed: page.getUint8(end - 1) === 0x7d,
      successor: undefined,
      sameHash: this.#byHash.get(hash),
    };
    this.#byHash.set(hash, spelling);
    this.#spellings++;
    return spelling;
  }

  /** The one object that stands for a label set. */
  intern(labels: Labels): KnownSeries {
    let series = this.#byKey.get(labels.key);
    if (series === undefined) {
      series = new KnownSeries(labels);
      this.#byKey.set(labels.key, series);
    }
    return series;
  }

  #store(page: DataView, start: number, length: number): number {
    const at = this.#used;
    if (at + length > this.#memory.length) this.#grow(at + length);
    this.#memory.set(new Uint8Array(page.buffer, page.byteOffset + start, length), at);
    this.#used = at + length;
    return at;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#memory.length * 2));
    larger.set(this.#memory.subarray(0, this.#used));
    this.#memory = larger;
    this.#view = new DataView(larger.buffer);
  }

  #clear(): void {
    this.#byHash.clear();
    this.#byKey.clear();
    this.#used = 0;
    this.#spellings = 0;
    this.#first = undefined;
  }
}
