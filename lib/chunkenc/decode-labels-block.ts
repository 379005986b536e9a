import { Labels } from '../model/labels.ts';
import { ByteReader } from './byte-reader.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';
import { unseal } from './envelope.ts';

/**
 * The label sets of a block, in its order; equal strings are one string in memory.
 *
 * @throws CorruptBlockError
 */
export function decodeLabelsBlock(bytes: Uint8Array): Labels[] {
  const reader = new ByteReader(unseal('labels', bytes).body());
  const symbols = Array.from({ length: reader.count(1) }, () => Buffer.from(reader.section()).toString('utf8'));
  const series = Array.from({ length: reader.count(1) }, () => readLabels(reader, symbols));
  reader.end();
  return series;
}

function readLabels(reader: ByteReader, symbols: readonly string[]): Labels {
  const pairs = Array.from({ length: reader.count(2) * 2 }, () => {
    const place = reader.varint();
    const symbol = symbols[place];
    if (symbol === undefined)
      throw new CorruptBlockError(`cannot read labels block: symbol ${place} of ${symbols.length}`);
    return symbol;
  });
  return Labels.fromSortedPairs(pairs);
}
