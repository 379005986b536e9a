import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nameChunks } from '../../lib/remote/name-chunks.ts';

it('keeps every name in its order, in lists that fit and could not be fewer by joining neighbours', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), fc.integer({ min: 1, max: 30 }), (names, maxLength) => {
      const chunks = nameChunks(names, maxLength);
      expect(chunks.flat()).toEqual(names);
      for (const [i, chunk] of chunks.entries()) {
        if (chunk.length > 1) expect(chunk.join('|').length).toBeLessThanOrEqual(maxLength);
        const next = chunks[i + 1];
        if (next !== undefined) expect([...chunk, next[0]].join('|').length).toBeGreaterThan(maxLength);
      }
    }),
  );
});
