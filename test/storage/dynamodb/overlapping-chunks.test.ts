import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChunkRef } from '../../../lib/storage/dynamodb/manifest.ts';
import { overlappingChunks } from '../../../lib/storage/dynamodb/overlapping-chunks.ts';

const ref = (run: number | string, begin: number, end: number, samples = 10): ChunkRef => {
  return {
    name: `r${run}/${begin}`,
    first: letter(begin),
    last: letter(end),
    mint: 0,
    maxt: 1,
    samples,
    kind: 'floats',
  };
};
const letter = (i: number) => String(i).padStart(3, '0');

describe('overlappingChunks', () => {
  it('takes chunks of floats and of histograms apart, floats first', () => {
    const histograms = [ref('a', 0, 9), ref('b', 5, 12)].map((one) => ({ ...one, kind: 'histograms' as const }));
    expect(overlappingChunks([ref('c', 0, 12), ...histograms], 1_000_000)).toEqual(histograms);
    const floats = [ref('c', 0, 12), ref('d', 3, 4)];
    expect(overlappingChunks([...histograms, ...floats], 1_000_000)).toEqual(floats);
  });

  it('finds nothing where nothing overlaps', () => {
    expect(overlappingChunks([], 100)).toEqual([]);
    expect(overlappingChunks([ref(1, 0, 4), ref(1, 5, 9), ref(2, 10, 12)], 100)).toEqual([]);
  });

  it('leaves out what comes before the first overlap, and what does not fit', () => {
    const chunks = [ref(1, 0, 1), ref(1, 5, 9), ref(2, 8, 12), ref(1, 20, 21), ref(2, 20, 21)];
    expect(overlappingChunks(chunks, 20).map(({ name }) => name)).toEqual(['r1/5', 'r2/8']);
  });

  it('takes two chunks however large they are', () => {
    expect(overlappingChunks([ref(1, 0, 9, 500), ref(2, 0, 9, 500)], 100)).toHaveLength(2);
  });

  it('ends: merging what it names again and again leaves nothing that overlaps', () => {
    const run = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 5 }), fc.integer({ min: 20, max: 200 }), (runs, maxSamples) => {
        let chunks = runs.flatMap((keys, i) => packed(i, keys));
        for (let next = 100; ; next++) {
          const taken = overlappingChunks(chunks, maxSamples);
          if (taken.length === 0) break;
          expect(next).toBeLessThan(200);
          const keys = taken.flatMap(({ first, last }) => [Number(first), Number(last)]);
          chunks = [...chunks.filter((chunk) => !taken.includes(chunk)), ...packed(next, keys)];
        }
        const sorted = [...chunks].sort((a, b) => (a.first < b.first ? -1 : 1));
        for (const [i, chunk] of sorted.entries()) {
          for (const other of sorted.slice(i + 1)) expect(other.first > chunk.last).toBe(true);
        }
      }),
    );
  });
});

/** Chunks of a run as compaction makes them: in order, each of some keys. */
function packed(run: number, keys: readonly number[]): ChunkRef[] {
  const sorted = [...new Set(keys)].sort((a, b) => a - b);
  return Array.from({ length: Math.ceil(sorted.length / 2) }, (_, i) => {
    const [first = 0, last = first] = sorted.slice(i * 2, i * 2 + 2);
    return ref(run, first, last);
  });
}
