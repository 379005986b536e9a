import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uncompressMessage } from '../../lib/prompb/uncompress-message.ts';
import { compress, uncompress } from '../../lib/wire/snappy.ts';

const MIB = 1024 * 1024;

describe('uncompressMessage', () => {
  it('answers and throws what the plain way does, for whole blocks, damaged ones and noise', () => {
    const words = fc.array(fc.constantFrom('__name__', 'instance', 'job', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'é'));
    const whole = fc
      .oneof(
        fc.uint8Array({ maxLength: 3000 }),
        words.map((list) => Buffer.from(list.join(''))),
      )
      .map(compress);
    const damaged = fc.tuple(whole, fc.nat(), fc.nat(255)).map(([block, at, byte]) => {
      const copy = Uint8Array.from(block);
      copy[at % copy.length] = byte;
      return at % 3 === 0 ? copy.subarray(0, at % (copy.length + 1)) : copy;
    });
    const limit = fc.constantFrom(0, 10, 1000, MIB);
    fc.assert(
      fc.property(fc.oneof(whole, damaged, fc.uint8Array()), limit, (block, maxBytes) => {
        expect(outcomeOf(() => uncompressMessage(block, maxBytes))).toEqual(
          outcomeOf(() => uncompress(block, maxBytes)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['of nothing', 0],
    ['as large as its memory', 8 * MIB],
    ['larger than its memory', 8 * MIB + 1],
  ])('takes a block %s', (_, length) => {
    const bytes = Buffer.alloc(length, 'down the river ');
    expect(Buffer.compare(uncompressMessage(compress(bytes), 32 * MIB), bytes)).toBe(0);
  });

  it('takes a body larger than its memory', () => {
    const bytes = Uint8Array.from({ length: 5 * MIB }, (_, i) => Math.imul(i, 2654435761) >>> 24);
    expect(Buffer.compare(uncompressMessage(compress(bytes), 32 * MIB), bytes)).toBe(0);
  });

  it('gives its bytes away', () => {
    const first = uncompressMessage(compress(Buffer.from('first')), MIB);
    uncompressMessage(compress(Buffer.from('second')), MIB);
    expect(Buffer.from(first).toString()).toBe('first');
  });
});

function outcomeOf(call: () => Uint8Array): string {
  try {
    return Buffer.from(call()).toString('hex');
  } catch (error) {
    return String(error);
  }
}
