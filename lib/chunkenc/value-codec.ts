import { shuffle, unshuffle } from './byte-planes.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter, zigzagLength } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { decimalScale, fromMantissa, isScale, toMantissa } from './decimal-scale.ts';
import { RAW_VALUES } from './sample-block.ts';

const BYTES_PER_VALUE = 8;

/**
 * Writes the values of a block in four sections, each of one nature so that deflate finds its patterns: the mode of each
 * series, first mantissas, differences of mantissas, and raw values with their bytes shuffled into planes.
 */
export function encodeValues(writer: ByteWriter, values: Float64Array, offsets: Uint32Array): void {
  const [modes, firsts, differences] = [new ByteWriter(), new ByteWriter(), new ByteWriter()];
  const raw: [begin: number, end: number][] = [];
  for (let series = 0; series + 1 < offsets.length; series++) {
    const [begin, end] = [offsets[series] as number, offsets[series + 1] as number];
    const scale = decimalScale(values, begin, end);
    if (scale < 0 || mantissaBytes(values, begin, end, scale) > BYTES_PER_VALUE * (end - begin)) {
      modes.byte(RAW_VALUES);
      raw.push([begin, end]);
    } else {
      modes.byte(scale + 1);
      encodeMantissas(firsts, differences, values, begin, end, scale);
    }
  }
  for (const part of [modes, firsts, differences]) writer.section(part.bytes);
  writer.section(shuffle(values, raw));
}

/** Reads the values of every series that `offsets` delimits. */
export function decodeValues(reader: ByteReader, offsets: Uint32Array): Float64Array {
  const modes = reader.section();
  const [firsts, differences] = [new ByteReader(reader.section()), new ByteReader(reader.section())];
  const raw = reader.section();
  if (modes.length !== offsets.length - 1) throw new CorruptBlockError('cannot read sample block: modes are missing');
  const values = new Float64Array(offsets[offsets.length - 1] as number);
  const ranges: [begin: number, end: number][] = [];
  for (let series = 0; series < modes.length; series++) {
    const [begin, end] = [offsets[series] as number, offsets[series + 1] as number];
    const mode = modes[series] as number;
    if (mode === RAW_VALUES) ranges.push([begin, end]);
    else if (isScale(mode - 1)) decodeMantissas(firsts, differences, values, begin, end, mode - 1);
    else throw new CorruptBlockError(`cannot read sample block: unknown value mode ${mode}`);
  }
  firsts.end();
  differences.end();
  unshuffle(raw, values, ranges);
  return values;
}

function mantissaBytes(values: Float64Array, begin: number, end: number, scale: number): number {
  let [bytes, previous] = [0, 0];
  for (let i = begin; i < end; i++) {
    const mantissa = toMantissa(values[i] as number, scale);
    bytes += zigzagLength(mantissa - previous);
    previous = mantissa;
  }
  return bytes;
}

function encodeMantissas(
  firsts: ByteWriter,
  differences: ByteWriter,
  values: Float64Array,
  begin: number,
  end: number,
  scale: number,
): void {
  let previous = 0;
  for (let i = begin; i < end; i++) {
    const mantissa = toMantissa(values[i] as number, scale);
    (i === begin ? firsts : differences).zigzag(mantissa - previous);
    previous = mantissa;
  }
}

function decodeMantissas(
  firsts: ByteReader,
  differences: ByteReader,
  values: Float64Array,
  begin: number,
  end: number,
  scale: number,
): void {
  if (begin === end) return;
  let mantissa = firsts.zigzag();
  values[begin] = fromMantissa(mantissa, scale);
  for (let i = begin + 1; i < end; i++) {
    mantissa += differences.zigzag();
    values[i] = fromMantissa(mantissa, scale);
  }
}
