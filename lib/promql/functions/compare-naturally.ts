import { compareStrings } from '../../model/compare-strings.ts';

/**
 * Orders strings as people count: runs of digits by their number, everything else by UTF-8 bytes, so `4m5` stands
 * before `4m600`.
 */
export function compareNaturally(a: string, b: string): number {
  const [chunksA, chunksB] = [chunks(a), chunks(b)];
  for (let i = 0; i < Math.min(chunksA.length, chunksB.length); i++) {
    const order = compareChunks(chunksA[i] ?? '', chunksB[i] ?? '');
    if (order !== 0) return order;
  }
  return chunksA.length - chunksB.length;
}

function chunks(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function compareChunks(a: string, b: string): number {
  const isNumber = /^\d/;
  if (!isNumber.test(a) || !isNumber.test(b)) return compareStrings(a, b);
  const [digitsA, digitsB] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return digitsA.length - digitsB.length || compareStrings(digitsA, digitsB);
}
