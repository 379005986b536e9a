import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compress, SnappyError, SnappyTooLargeError, uncompress } from '../../lib/wire/snappy.ts';

const MEGABYTE = 1024 * 1024;

describe('snappy', () => {
  it('gives back what it compressed', () => {
    const compressible = fc
      .array(fc.constantFrom('__name__', 'instance', 'job', '\u0000', 'é'))
      .map((words) => Buffer.from(words.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 5000 }), compressible), (bytes) => {
        expect(Buffer.from(uncompress(compress(bytes), MEGABYTE)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('takes more than one fragment of 64 KiB', () => {
    const bytes = Buffer.alloc(300_000, 'a long way down the river ');
    const block = compress(bytes);
    expect(block.length).toBeLessThan(bytes.length / 10);
    expect(Buffer.from(uncompress(block, MEGABYTE)).equals(bytes)).toBe(true);
  });

  it('does not keep the scratch space of the compressor alive', () => {
    expect(compress(Buffer.alloc(100_000)).buffer.byteLength).toBeLessThan(10_000);
  });

  it('reads every kind of element', () => {
    const literal = [2 << 2, 0x61, 0x62, 0x63];
    const longLiteral = [60 << 2, 60, ...Array(61).fill(0x7a)];
    const copy1 = [1 | (0 << 2), 3];
    const copy2 = [2 | (4 << 2), 2, 0];
    const copy4 = [3 | (3 << 2), 1, 0, 0, 0];
    const text = `abc${'abca'}${'cacac'}${'c'.repeat(4)}${'z'.repeat(61)}`;
    const block = Uint8Array.of(text.length, ...literal, ...copy1, ...copy2, ...copy4, ...longLiteral);
    expect(Buffer.from(uncompress(block, 100)).toString()).toBe(text);
  });

  it.each([
    ['40 MiB', Uint8Array.of(0x80, 0x80, 0x80, 0x14, 0), 40 * MEGABYTE],
    ['4 GiB', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0), 2 ** 32 - 1],
  ])('refuses a claim of %s before it allocates', (_, block, claimed) => {
    expect(() => uncompress(block, 32 * MEGABYTE)).toThrow(SnappyTooLargeError);
    expect(() => uncompress(block, 32 * MEGABYTE)).toThrow(`${claimed} bytes`);
  });

  it.each([
    ['nothing', [], /ends inside its length/],
    ['half a length', [0x80], /ends inside its length/],
    ['a length of more than 32 bits', [0xff, 0xff, 0xff, 0xff, 0x7f], /no 32-bit varint/],
    ['a length of six bytes', [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], /no 32-bit varint/],
    ['a literal that is cut off', [4, 3 << 2, 1, 2], /literal of 4 bytes ends beyond/],
    ['a literal whose length is cut off', [100, 61 << 2, 1], /ends inside a tag/],
    [
      'a literal of 4 GiB, which sends snappyjs back for ever',
      [9, 63 << 2, 0xf0, 0xff, 0xff, 0xff, 1, 2],
      /ends beyond/,
    ],
    ['a copy of nothing', [8, 0, 1, 1, 0], /reaches 0 bytes back/],
    ['a copy from before the start', [8, 0, 1, 1, 9], /reaches 9 bytes back of 1/],
    ['a copy with a 32-bit offset', [8, 0, 1, 3, 0xff, 0xff, 0xff, 0xff], /reaches 4294967295 bytes back/],
    ['a copy that is cut off', [8, 0, 1, 2, 1], /ends inside a tag/],
    ['less than it claims', [9, 0, 1], /holds 1 of the 9 bytes/],
    ['more than it claims', [1, 1 << 2, 1, 2], /holds more than the 1 bytes/],
    ['bytes left over', [1, 0, 1, 0, 1], /holds more than the 1 bytes/],
  ])('refuses %s', (_, bytes, reason) => {
    expect(() => uncompress(Uint8Array.from(bytes), MEGABYTE)).toThrow(SnappyError);
    expect(() => uncompress(Uint8Array.from(bytes), MEGABYTE)).toThrow(reason);
  });

  it('ends with bytes or with a SnappyError, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          uncompress(bytes, 10_000);
        } catch (error) {
          expect(error).toBeInstanceOf(SnappyError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
