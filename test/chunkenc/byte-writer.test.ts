import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../lib/chunkenc/byte-reader.ts';
import { ByteWriter, zigzagLength } from '../../lib/chunkenc/byte-writer.ts';
import { CorruptBlockError } from '../../lib/chunkenc/corrupt-block-error.ts';

const whole = fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 52n) + 1n, max: 2n ** 52n - 1n }).map(Number));

describe('ByteWriter and ByteReader', () => {
  it('return whole numbers of any size', () => {
    fc.assert(
      fc.property(fc.array(whole), fc.array(fc.maxSafeNat()), (signed, unsigned) => {
        const writer = new ByteWriter();
        for (const number of signed) writer.zigzag(number);
        for (const number of unsigned) writer.varint(number);
        const reader = new ByteReader(writer.bytes);
        // `+ 0` turns the -0 that a generator may make into 0.
        expect(signed.map(() => reader.zigzag() + 0)).toEqual(signed.map((number) => number + 0));
        expect(unsigned.map(() => reader.varint())).toEqual(unsigned);
        reader.end();
      }),
    );
  });

  it('do the same in bulk', () => {
    fc.assert(
      fc.property(fc.array(whole), fc.array(fc.maxSafeNat()), (signed, unsigned) => {
        const writer = new ByteWriter();
        for (const number of signed) writer.zigzag(number);
        for (const number of unsigned) writer.varint(number);
        const reader = new ByteReader(writer.bytes);
        const [ofSigned, ofUnsigned] = [new Float64Array(signed.length + 2), new Float64Array(unsigned.length + 2)];
        reader.zigzags(ofSigned, 1, signed.length + 1);
        reader.varints(ofUnsigned, 1, unsigned.length + 1);
        reader.end();
        expect([...ofSigned].map((number) => number + 0)).toEqual([0, ...signed.map((number) => number + 0), 0]);
        expect([...ofUnsigned]).toEqual([0, ...unsigned, 0]);
      }),
    );
  });

  it('write differences as one by one', () => {
    const time = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
    fc.assert(
      fc.property(fc.array(time), time, (numbers, previous) => {
        const [bulk, single] = [new ByteWriter(), new ByteWriter()];
        bulk.byte(7);
        bulk.differences(Float64Array.from([0, ...numbers, 0]), 1, numbers.length + 1, previous);
        single.byte(7);
        for (const [i, number] of numbers.entries()) single.zigzag(number - (numbers[i - 1] ?? previous));
        expect(bulk.bytes).toEqual(single.bytes);
      }),
    );
  });

  it('know a zigzag number by its length', () => {
    fc.assert(
      fc.property(whole, (number) => {
        const writer = new ByteWriter();
        writer.zigzag(number);
        expect(zigzagLength(number)).toBe(writer.length);
      }),
    );
  });

  it.each<[string, number[], (reader: ByteReader) => unknown]>([
    ['a varint without end', Array(20).fill(0xff), (reader) => reader.varint()],
    ['a varint above 2^53', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], (reader) => reader.varint()],
    ['a varint cut off', [0x80], (reader) => reader.varint()],
    ['too few varints', [1, 0x80], (reader) => reader.varints(new Float64Array(2), 0, 2)],
    ['too few zigzag numbers', [1, 2], (reader) => reader.zigzags(new Float64Array(3), 0, 3)],
    ['a byte of nothing', [], (reader) => reader.byte()],
    ['more bytes than there are', [1, 2], (reader) => reader.take(3)],
    ['a section longer than the rest', [9, 1], (reader) => reader.section()],
    ['a count of things without bytes', [100, 1, 2], (reader) => reader.count(1)],
    ['an end that is none', [1], (reader) => reader.end()],
  ])('refuse %s', (_, bytes, read) => {
    expect(() => read(new ByteReader(Uint8Array.from(bytes)))).toThrow(CorruptBlockError);
  });
});
