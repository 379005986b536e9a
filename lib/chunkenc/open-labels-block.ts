import { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { ByteReader } from './byte-reader.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { unseal } from './envelope.ts';

/** JavaScript's share of a symbol: the string, its place in the map and in the array. */
const SYMBOL_OVERHEAD_BYTES = 80;
const [UNKNOWN, ACCEPTED, REFUSED] = [0, 1, 2];

/** One matcher as one block sees it. */
interface Filter {
  /** Place of the label's name among the symbols; -1 where no series of the block has the label. */
  readonly name: number;
  readonly matchesAbsent: boolean;
  /** What is known of each value. */
  readonly verdicts: Uint8Array;
  readonly matcher: Matcher;
}

/**
 * A labels block that is searched as it stands: strings once, and series as places of strings. A matcher is put to each
 * distinct value once, and only series that match ever become `Labels`; a million series take some 60 bytes each.
 */
export class OpenLabelsBlock {
  readonly #symbols: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  /** Name, value, name, value … as places of symbols; series i has `#offsets[i]` to `#offsets[i + 1]`. */
  readonly #references: Uint32Array | Uint16Array;
  readonly #offsets: Uint32Array;
  /** About what this takes in memory. */
  readonly bytes: number;

  /** @throws CorruptBlockError */
  constructor(payload: Uint8Array) {
    const body = unseal('labels', payload).body();
    const reader = new ByteReader(body);
    this.#symbols = Array.from({ length: reader.count(1) }, () => Buffer.from(reader.section()).toString('utf8'));
    this.#places = new Map(this.#symbols.map((symbol, place) => [symbol, place]));
    this.#offsets = new Uint32Array(reader.count(1) + 1);
    const references = new Uint32Array(reader.remaining);
    let end = 0;
    for (let series = 1; series < this.#offsets.length; series++) {
      for (let left = reader.count(2) * 2; left > 0; left--) references[end++] = this.#readPlace(reader);
      this.#offsets[series] = end;
    }
    reader.end();
    this.#references =
      this.#symbols.length <= 0x10000 ? Uint16Array.from(references.subarray(0, end)) : references.slice(0, end);
    const text = this.#symbols.reduce((sum, symbol) => sum + symbol.length, 0);
    this.bytes =
      text + this.#symbols.length * SYMBOL_OVERHEAD_BYTES + this.#references.byteLength + this.#offsets.byteLength;
  }

  get size(): number {
    return this.#offsets.length - 1;
  }

  /** Places of the series that satisfy every matcher, ascending. */
  select(matchers: readonly Matcher[]): number[] {
    const filters: Filter[] = [];
    for (const matcher of matchers) {
      const filter = this.#filter(matcher);
      if (filter === undefined) return [];
      filters.push(filter);
    }
    const found: number[] = [];
    for (let series = 0; series < this.size; series++) {
      if (filters.every((filter) => this.#matches(series, filter))) found.push(series);
    }
    return found;
  }

  labels(series: number): Labels {
    const pairs: string[] = [];
    for (let i = this.#offsets[series] as number; i < (this.#offsets[series + 1] as number); i++) {
      pairs.push(this.#symbols[this.#references[i] as number] as string);
    }
    return Labels.fromSortedPairs(pairs);
  }

  /** undefined: no series of this block can match. */
  #filter(matcher: Matcher): Filter | undefined {
    const name = this.#places.get(matcher.name) ?? -1;
    const matchesAbsent = matcher.matches('');
    const isAnyPresent = matcher.setMatches?.some((value) => this.#places.has(value)) ?? true;
    if (!matchesAbsent && (name < 0 || !isAnyPresent)) return undefined;
    return { name, matchesAbsent, verdicts: new Uint8Array(this.#symbols.length), matcher };
  }

  #matches(series: number, { name, matchesAbsent, verdicts, matcher }: Filter): boolean {
    const end = this.#offsets[series + 1] as number;
    for (let i = this.#offsets[series] as number; i < end; i += 2) {
      if (this.#references[i] !== name) continue;
      const value = this.#references[i + 1] as number;
      if (verdicts[value] === UNKNOWN) {
        verdicts[value] = matcher.matches(this.#symbols[value] as string) ? (ACCEPTED as number) : (REFUSED as number);
      }
      return verdicts[value] === ACCEPTED;
    }
    return matchesAbsent;
  }

  #readPlace(reader: ByteReader): number {
    const place = reader.varint();
    if (place >= this.#symbols.length) {
      throw new CorruptBlockError(`cannot read labels block: symbol ${place} of ${this.#symbols.length}`);
    }
    return place;
  }
}
