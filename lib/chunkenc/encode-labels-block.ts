import type { Labels } from '../model/labels.ts';
import { ByteWriter } from './byte-writer.ts';
import { seal } from './envelope.ts';

/**
 * Packs label sets: every distinct name and value once, in order of first use, and each set as references to them. Sets
 * that stand sorted pack best. docs/storage-format.md draws the bytes.
 */
export function encodeLabelsBlock(series: readonly Labels[]): Uint8Array {
  const symbols = new Map<string, number>();
  const references = new ByteWriter();
  for (const { size, pairs } of series) {
    references.varint(size);
    for (const symbol of pairs) {
      const place = symbols.get(symbol) ?? symbols.size;
      symbols.set(symbol, place);
      references.varint(place);
    }
  }
  const body = new ByteWriter();
  body.varint(symbols.size);
  for (const symbol of symbols.keys()) body.section(Buffer.from(symbol, 'utf8'));
  body.varint(series.length);
  body.append(references.bytes);
  return seal('labels', new Uint8Array(0), body.bytes);
}
