import { ByteReader } from './byte-reader.ts';
import { ByteWriter, zigzagLength } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { type Fraction, fromFraction, greatestDivisor, MAX_DENOMINATOR, toFraction, ulpsBetween } from './fraction.ts';

/** Common denominators beyond this make numerators longer than they save. */
const MAX_BASE = 2 ** 20;
/** Differences of larger numerators could not be zigzagged. */
const MAX_EXTENDED = 2 ** 51;
/** A denominator that fewer values have than one of so many is not worth a larger base. */
const WORTH_A_SHARE = 16;
/** What values take after deflating: raw ones, and corrections of a few units. */
const RAW_BYTES = 6.5;
const SMALL_ULPS = 4;
const SMALL_ULPS_BYTES = 0.3;
/** What stands for the denominator. No value has 1 of its own: whole numbers are on every base, or raw. */
const [ON_BASE, RAW] = [0, 1];

/** Values of one series as fractions, most of them with one denominator: the base. */
export interface SeriesFractions {
  readonly base: number;
  /** By sample; undefined is a value to be written raw. Those on the base are extended to it. */
  readonly fractions: readonly (Fraction | undefined)[];
  /** About what they take after deflating. */
  readonly bytes: number;
}

/** Finds the fractions of a series, the values in [begin, end). */
export function seriesFractions(values: Float64Array, begin: number, end: number): SeriesFractions {
  const found = Array.from({ length: end - begin }, (_, i) => toFraction(values[begin + i] as number));
  const base = baseOf(found);
  const fractions = found.map((fraction, i) => fraction && extend(fraction, base, values[begin + i] as number));
  let [bytes, last] = [zigzagLength(base), 0];
  for (const fraction of fractions) {
    if (fraction === undefined) bytes += RAW_BYTES;
    else {
      const { numerator, denominator, ulps } = fraction;
      const isOnBase = denominator === base;
      bytes += zigzagLength(isOnBase ? numerator - last : numerator) + (isOnBase ? 0 : zigzagLength(denominator));
      bytes += Math.abs(ulps) <= SMALL_ULPS ? SMALL_ULPS_BYTES : zigzagLength(ulps);
      if (isOnBase) last = numerator;
    }
  }
  return { base, fractions, bytes };
}

/** Writes fractions in four sections: bases, denominators, numerators, and corrections. */
export class FractionWriter {
  readonly #bases = new ByteWriter();
  readonly #denominators = new ByteWriter();
  readonly #numerators = new ByteWriter();
  readonly #ulps = new ByteWriter();

  /** Adds a series; what is undefined is for the caller to write raw. */
  add({ base, fractions }: SeriesFractions): void {
    this.#bases.varint(base);
    let last = 0;
    for (const fraction of fractions) {
      if (fraction === undefined) {
        this.#denominators.varint(RAW);
        continue;
      }
      const { numerator, denominator, ulps } = fraction;
      const isOnBase = denominator === base;
      this.#denominators.varint(isOnBase ? ON_BASE : denominator);
      this.#numerators.zigzag(isOnBase ? numerator - last : numerator);
      this.#ulps.zigzag(ulps);
      if (isOnBase) last = numerator;
    }
  }

  appendTo(writer: ByteWriter): void {
    for (const part of [this.#bases, this.#denominators, this.#numerators, this.#ulps]) writer.section(part.bytes);
  }
}

/** Reads what `FractionWriter` wrote, series by series. */
export class FractionReader {
  readonly #bases: ByteReader;
  readonly #denominators: ByteReader;
  readonly #numerators: ByteReader;
  readonly #ulps: ByteReader;

  constructor(reader: ByteReader) {
    const section = () => new ByteReader(reader.section());
    this.#bases = section();
    this.#denominators = section();
    this.#numerators = section();
    this.#ulps = section();
  }

  /** Fills [begin, end) of `values`; calls back for those that stand among the raw values. @throws CorruptBlockError */
  read(values: Float64Array, begin: number, end: number, onRaw: (place: number) => void): void {
    const base = checkDenominator(this.#bases.varint());
    let last = 0;
    for (let i = begin; i < end; i++) {
      const denominator = this.#denominators.varint();
      if (denominator === RAW) {
        onRaw(i);
        continue;
      }
      const number = this.#numerators.zigzag();
      if (denominator === ON_BASE) last += number;
      const numerator = denominator === ON_BASE ? last : number;
      const divisor = denominator === ON_BASE ? base : checkDenominator(denominator);
      values[i] = fromFraction(numerator, divisor, this.#ulps.zigzag());
    }
  }

  end(): void {
    for (const reader of [this.#bases, this.#denominators, this.#numerators, this.#ulps]) reader.end();
  }
}

/** The least common multiple of the denominators that many values have. */
function baseOf(fractions: readonly (Fraction | undefined)[]): number {
  const counts = new Map<number, number>();
  for (const fraction of fractions) {
    if (fraction !== undefined) counts.set(fraction.denominator, (counts.get(fraction.denominator) ?? 0) + 1);
  }
  let base = 1;
  for (const [denominator, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    if (count * WORTH_A_SHARE < fractions.length) break;
    const multiple = (base / greatestDivisor(base, denominator)) * denominator;
    if (multiple <= MAX_BASE) base = multiple;
  }
  return base;
}

/** On the base where that is a multiple; undefined for whole numbers too large for it, which have no code of their own. */
function extend(fraction: Fraction, base: number, value: number): Fraction | undefined {
  const factor = base / fraction.denominator;
  const numerator = fraction.numerator * factor;
  if (Number.isInteger(factor) && Math.abs(numerator) <= MAX_EXTENDED) {
    return { numerator, denominator: base, ulps: ulpsBetween(Math.abs(numerator / base), Math.abs(value)) };
  }
  return fraction.denominator === 1 ? undefined : fraction;
}

function checkDenominator(denominator: number): number {
  if (denominator > 0 && denominator <= MAX_DENOMINATOR) return denominator;
  throw new CorruptBlockError(`cannot read sample block: denominator ${denominator}`);
}
