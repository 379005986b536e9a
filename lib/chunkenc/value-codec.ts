import { shuffle, unshuffle } from './byte-planes.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter, zigzagLength } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { decimalScale, fromMantissa, isScale, toMantissa } from './decimal-scale.ts';
import { FractionReader, FractionWriter, type SeriesFractions, seriesFractions } from './fraction-codec.ts';
import { FRACTIONS, RAW_VALUES } from './sample-block.ts';

/** Decimals that take less are taken as they are; whether longer ones are better written as fractions is tried. */
const SHORT_DECIMAL_BYTES = 3;
const FIRST_BYTES = 5;
/** What a raw value takes after deflating. */
const RAW_BYTES = 6.5;

type Range = [begin: number, end: number];

/**
 * Writes the values of a block in sections, each of one nature so that deflate finds its patterns: the mode of each series,
 * first mantissas, differences of mantissas, and raw values with their bytes shuffled into planes; then those of fractions,
 * where there are any.
 */
export function encodeValues(writer: ByteWriter, values: Float64Array, offsets: Uint32Array): void {
  const [modes, firsts, differences] = [new ByteWriter(), new ByteWriter(), new ByteWriter()];
  const mantissas = new Float64Array(values.length);
  const raw: Range[] = [];
  let fractions: FractionWriter | undefined;
  for (let series = 0; series + 1 < offsets.length; series++) {
    const [begin, end] = [offsets[series] as number, offsets[series + 1] as number];
    const { scale, found } = chooseMode(values, begin, end, mantissas);
    if (found !== undefined) {
      modes.byte(FRACTIONS);
      fractions ??= new FractionWriter();
      fractions.add(found);
      for (let i = begin; i < end; i++) if (found.denominators[i - begin] === 0) raw.push([i, i + 1]);
    } else if (scale < 0) {
      modes.byte(RAW_VALUES);
      raw.push([begin, end]);
    } else {
      modes.byte(scale + 1);
      if (begin === end) continue;
      firsts.zigzag(mantissas[begin] as number);
      differences.differences(mantissas, begin + 1, end, mantissas[begin] as number);
    }
  }
  for (const part of [modes, firsts, differences]) writer.section(part.bytes);
  writer.section(shuffle(values, raw));
  fractions?.appendTo(writer);
}

/**
 * How a series takes the fewest bytes: as decimals of `scale`, whose mantissas are then in `mantissas`, as fractions where
 * `found`, or raw (-1).
 */
function chooseMode(
  values: Float64Array,
  begin: number,
  end: number,
  mantissas: Float64Array,
): { readonly scale: number; readonly found?: SeriesFractions } {
  const count = end - begin;
  const decimal = decimalScale(values, begin, end);
  for (let i = begin; decimal >= 0 && i < end; i++) mantissas[i] = toMantissa(values[i] as number, decimal);
  const decimalBytes = decimal < 0 ? Number.POSITIVE_INFINITY : mantissaBytes(mantissas, begin, end);
  if (decimalBytes <= FIRST_BYTES + SHORT_DECIMAL_BYTES * count) return { scale: decimal };
  const found = seriesFractions(values, begin, end);
  if (found !== undefined && found.bytes < Math.min(decimalBytes, RAW_BYTES * count)) return { scale: -1, found };
  return { scale: decimalBytes <= RAW_BYTES * count ? decimal : -1 };
}

/** Reads the values of every series that `offsets` delimits. */
export function decodeValues(reader: ByteReader, offsets: Uint32Array): Float64Array {
  const modes = reader.section();
  if (modes.length !== offsets.length - 1) throw new CorruptBlockError('cannot read sample block: modes are missing');
  const firsts = decodeFirsts(reader.section(), modes, offsets);
  const differences = new ByteReader(reader.section());
  const raw = reader.section();
  const fractions = modes.includes(FRACTIONS) ? new FractionReader(reader) : undefined;
  const values = new Float64Array(offsets[offsets.length - 1] as number);
  const ranges: Range[] = [];
  let decimal = 0;
  for (let series = 0; series < modes.length; series++) {
    const begin = offsets[series] as number;
    const end = offsets[series + 1] as number;
    const mode = modes[series] as number;
    if (mode === RAW_VALUES) ranges.push([begin, end]);
    else if (mode === FRACTIONS) fractions?.read(values, begin, end, (place) => ranges.push([place, place + 1]));
    else if (begin < end) decodeMantissas(firsts[decimal++] as number, differences, values, begin, end, mode - 1);
  }
  differences.end();
  fractions?.end();
  unshuffle(raw, values, ranges);
  return values;
}

/** First mantissas of the decimal series that have samples. */
function decodeFirsts(bytes: Uint8Array, modes: Uint8Array, offsets: Uint32Array): Float64Array {
  let decimals = 0;
  for (let i = 0; i < modes.length; i++) {
    const mode = modes[i] as number;
    if (mode === RAW_VALUES || mode === FRACTIONS) continue;
    if (!isScale(mode - 1)) throw new CorruptBlockError(`cannot read sample block: unknown value mode ${mode}`);
    if (offsets[i] !== offsets[i + 1]) decimals++;
  }
  const reader = new ByteReader(bytes);
  const firsts = new Float64Array(decimals);
  reader.zigzags(firsts, 0, decimals);
  reader.end();
  return firsts;
}

function mantissaBytes(mantissas: Float64Array, begin: number, end: number): number {
  let bytes = 0;
  let previous = 0;
  for (let i = begin; i < end; i++) {
    const mantissa = mantissas[i] as number;
    bytes += zigzagLength(mantissa - previous);
    previous = mantissa;
  }
  return bytes;
}

function decodeMantissas(
  first: number,
  differences: ByteReader,
  values: Float64Array,
  begin: number,
  end: number,
  scale: number,
): void {
  values[begin] = fromMantissa(first, scale);
  if (end - begin < 2) return;
  let mantissa = first;
  differences.zigzags(values, begin + 1, end);
  for (let i = begin + 1; i < end; i++) {
    mantissa += values[i] as number;
    values[i] = fromMantissa(mantissa, scale);
  }
}
