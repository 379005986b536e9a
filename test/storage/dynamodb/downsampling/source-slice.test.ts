import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSlice, type SourceChunk } from '../../../../lib/storage/dynamodb/downsampling/source-slice.ts';

const key = fc.integer({ min: 10, max: 40 });
const chunk: fc.Arbitrary<SourceChunk> = fc.record({
  bucket: fc.nat(),
  ref: fc.tuple(key, key, fc.integer({ min: 1, max: 9 })).map(([a, b, samples]) => {
    const [first, last] = [String(Math.min(a, b)), String(Math.max(a, b))];
    return { name: 'r/0', first, last, samples, mint: 0, maxt: 0, kind: 'floats' as const };
  }),
});

describe('nextSlice', () => {
  it('comes to every series once, with all of its chunks, and to an end', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), fc.constantFrom(1, 10, 30), (all, maxWeight) => {
        let through = '';
        for (let i = 0; ; i++) {
          expect(i).toBeLessThanOrEqual(all.length);
          const slice = nextSlice(all, through, maxWeight);
          for (const one of all) {
            const touches = one.ref.last > through && one.ref.first <= slice.through;
            expect(slice.chunks.includes(one)).toBe(touches);
          }
          if (slice.isLast) {
            expect(all.every(({ ref }) => ref.last <= slice.through)).toBe(true);
            return;
          }
          expect(slice.through > through).toBe(true);
          through = slice.through;
        }
      }),
    );
  });

  it('stops before it takes too much', () => {
    const ref = (first: string, last: string) => ({
      name: 'r/0',
      first,
      last,
      samples: 10,
      mint: 0,
      maxt: 0,
      kind: 'floats' as const,
    });
    const all = [ref('a', 'c'), ref('d', 'f'), ref('g', 'i')].map((one) => ({ bucket: 0, ref: one }));
    expect(nextSlice(all, '', 20)).toMatchObject({ through: 'f', isLast: false });
    expect(nextSlice(all, 'f', 20)).toMatchObject({ through: 'i', isLast: true });
    expect(nextSlice([], '', 20)).toMatchObject({ chunks: [], isLast: true });
  });
});
