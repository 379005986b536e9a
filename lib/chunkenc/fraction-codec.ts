import { ByteReader } from './byte-reader.ts';
import { ByteWriter, zigzagLength } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import {
  type Fractions,
  fromFraction,
  greatestDivisor,
  MAX_DENOMINATOR,
  newFractions,
  toFraction,
  toFractionOf,
  ulpsBetween,
} from './fraction.ts';

/** Common denominators beyond this make numerators longer than they save. */
const MAX_BASE = 2 ** 20;
/** Differences of larger numerators could not be zigzagged. */
const MAX_EXTENDED = 2 ** 51;
/** A denominator that fewer values have than one of so many is not worth a larger base. */
const WORTH_A_SHARE = 16;
/** A series is only searched where one of so many values is a fraction that takes less than the 52 bits of noise. */
const PROBES = 16;
const SHORT_FRACTION = 2 ** 45;
/** What values take after deflating: raw ones, and corrections of a few units. */
const RAW_BYTES = 6.5;
const SMALL_ULPS = 4;
const SMALL_ULPS_BYTES = 0.3;
/** What stands for the denominator. No value has 1 of its own: whole numbers are on every base, or raw. */
const [ON_BASE, RAW] = [0, 1];

/** Values of one series as fractions, most of them with one denominator: the base. Those without any are written raw. */
export interface SeriesFractions extends Fractions {
  readonly base: number;
  /** About what they take after deflating. */
  readonly bytes: number;
}

/** Finds the fractions of a series, the values in [begin, end); undefined where there seem to be none. */
export function seriesFractions(values: Float64Array, begin: number, end: number): SeriesFractions | undefined {
  if (!hasFractions(values, begin, end)) return undefined;
  const found = findAll(values, begin, end);
  const base = baseOf(found.denominators);
  for (let i = begin; i < end; i++) extend(found, i - begin, base, values[i] as number);
  return { ...found, base, bytes: bytesOf(found, base) };
}

const probe = newFractions(1);

/** Sums of measured times have none, and looking for them in vain takes longest. */
function hasFractions(values: Float64Array, begin: number, end: number): boolean {
  const step = Math.max(1, Math.floor((end - begin) / PROBES));
  for (let i = begin; i < end; i += step) if (isShortFraction(values[i] as number)) return true;
  return false;
}

function isShortFraction(value: number): boolean {
  if (!toFraction(value, probe, 0)) return false;
  const [numerator, denominator, ulps] = [probe.numerators[0], probe.denominators[0], probe.ulps[0]] as Triple;
  return Math.abs(numerator) * denominator * (1 + Math.abs(ulps)) < SHORT_FRACTION;
}

type Triple = [numerator: number, denominator: number, ulps: number];

function findAll(values: Float64Array, begin: number, end: number): Fractions {
  const found = newFractions(end - begin);
  // Neighbours mostly have the same denominator, and one division tells.
  let denominator = 1;
  for (let i = begin; i < end; i++) {
    const value = values[i] as number;
    if (toFractionOf(value, denominator, found, i - begin)) continue;
    if (toFraction(value, found, i - begin)) denominator = found.denominators[i - begin] as number;
  }
  return found;
}

function bytesOf({ numerators, denominators, ulps }: Fractions, base: number): number {
  let bytes = zigzagLength(base);
  let last = 0;
  for (let i = 0; i < denominators.length; i++) {
    const [numerator, denominator] = [numerators[i] as number, denominators[i] as number];
    if (denominator === 0) {
      bytes += RAW_BYTES;
      continue;
    }
    const isOnBase = denominator === base;
    bytes += zigzagLength(isOnBase ? numerator - last : numerator) + (isOnBase ? 0 : zigzagLength(denominator));
    const correction = ulps[i] as number;
    bytes += Math.abs(correction) <= SMALL_ULPS ? SMALL_ULPS_BYTES : zigzagLength(correction);
    if (isOnBase) last = numerator;
  }
  return bytes;
}

/** Writes fractions in four sections: bases, denominators, numerators, and corrections. */
export class FractionWriter {
  readonly #bases = new ByteWriter();
  readonly #denominators = new ByteWriter();
  readonly #numerators = new ByteWriter();
  readonly #ulps = new ByteWriter();

  /** Adds a series; what has no denominator is for the caller to write raw. */
  add({ base, numerators, denominators, ulps }: SeriesFractions): void {
    this.#bases.varint(base);
    let last = 0;
    for (let i = 0; i < denominators.length; i++) {
      const [numerator, denominator] = [numerators[i] as number, denominators[i] as number];
      if (denominator === 0) {
        this.#denominators.varint(RAW);
        continue;
      }
      const isOnBase = denominator === base;
      this.#denominators.varint(isOnBase ? ON_BASE : denominator);
      this.#numerators.zigzag(isOnBase ? numerator - last : numerator);
      this.#ulps.zigzag(ulps[i] as number);
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
function baseOf(denominators: Float64Array): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < denominators.length; i++) {
    const denominator = denominators[i] as number;
    if (denominator > 0) counts.set(denominator, (counts.get(denominator) ?? 0) + 1);
  }
  let base = 1;
  for (const [denominator, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    if (count * WORTH_A_SHARE < denominators.length) break;
    const multiple = (base / greatestDivisor(base, denominator)) * denominator;
    if (multiple <= MAX_BASE) base = multiple;
  }
  return base;
}

/** Onto the base where that is a multiple; whole numbers too large for it have no code of their own and become none. */
function extend({ numerators, denominators, ulps }: Fractions, place: number, base: number, value: number): void {
  const denominator = denominators[place] as number;
  if (denominator === 0 || denominator === base) return;
  const factor = base / denominator;
  const numerator = (numerators[place] as number) * factor;
  if (Number.isInteger(factor) && Math.abs(numerator) <= MAX_EXTENDED) {
    numerators[place] = numerator;
    denominators[place] = base;
    ulps[place] = ulpsBetween(Math.abs(numerator / base), Math.abs(value));
  } else if (denominator === 1) denominators[place] = 0;
}

function checkDenominator(denominator: number): number {
  if (denominator > 0 && denominator <= MAX_DENOMINATOR) return denominator;
  throw new CorruptBlockError(`cannot read sample block: denominator ${denominator}`);
}
