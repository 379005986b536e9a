import fc from 'fast-check';
import { Writer } from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { ProtobufReader } from '../../lib/wire/protobuf-reader.ts';
import { PlainFault, PlainReader } from './plain-reader.ts';

/** A room that forgives everything it may. */
class LenientReader extends ProtobufReader {
  protected override faultAt(offset: number, reason: string): Error {
    return new RangeError(`${reason} (${offset})`);
  }

  protected override tooManyElements(allowed: number): Error {
    return new PlainFault(`not more than ${allowed}`);
  }

  protected override nanAt(bytes: Uint8Array, offset: number): number {
    return bytes[offset] as number;
  }

  protected override invalidText(name: string, start: number): string {
    return `${name}=${this.repairedText(start)}`;
  }
}

const varint = (field: number) => new Writer().uint32((field << 3) | 0);
const fixed64 = (field: number) => new Writer().uint32((field << 3) | 1);
const delimited = (field: number) => new Writer().uint32((field << 3) | 2);

describe('ProtobufReader', () => {
  it('reads every kind of number that it is given', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const double = fc.double();
    fc.assert(
      fc.property(fc.integer(), fc.nat(), double, int64, uint64, (signed, unsigned, real, long, unsignedLong) => {
        const reads: readonly [Uint8Array, (wire: PlainReader) => number, number][] = [
          [varint(1).int32(signed).finish(), (wire) => wire.int32('a'), signed],
          [varint(2).sint32(signed).finish(), (wire) => wire.sint32('b'), signed],
          [varint(3).uint32(unsigned).finish(), (wire) => wire.uint32('c'), unsigned],
          [fixed64(4).double(real).finish(), (wire) => wire.double('d'), real],
          [varint(5).int64(String(long)).finish(), (wire) => wire.int64('e'), Number(long)],
          [varint(6).uint64(String(unsignedLong)).finish(), (wire) => wire.uint64('f'), Number(unsignedLong)],
        ];
        reads.forEach(([bytes, read, value], i) => {
          const wire = new PlainReader(bytes);
          expect(wire.next()).toBe(true);
          expect(wire.field).toBe(i + 1);
          expect(read(wire)).toBe(value);
          expect(wire.next()).toBe(false);
        });
      }),
    );
  });

  it('reads repeated numbers whether they are packed or not, and in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.array(fc.nat()), fc.array(fc.double()), (packed, single, reals) => {
        const writer = new Writer();
        writePacked(writer, 1, packed, (into, value) => into.sint64(-value));
        for (const value of single) writer.uint32((1 << 3) | 0).sint64(-value);
        writePacked(writer, 2, packed, (into, value) => into.uint32(value));
        for (const value of single) writer.uint32((2 << 3) | 0).uint32(value);
        writePacked(writer, 3, reals, (into, value) => into.double(value));
        for (const value of reals) writer.uint32((3 << 3) | 1).double(value);
        const [longs, shorts, doubles] = readLists(writer.finish());
        expect(shorts).toEqual([...packed, ...single]);
        expect(longs).toEqual([...packed, ...single].map((value) => 0 - value));
        expect(doubles).toEqual([...reals, ...reals]);
      }),
    );
  });

  it('reads what is nested, and skips what nobody asks for', () => {
    const inner = delimited(1)
      .string('né')
      .uint32((9 << 3) | 5)
      .fixed32(7)
      .finish();
    const bytes = delimited(3)
      .bytes(inner)
      .uint32((4 << 3) | 0)
      .uint32(5)
      .finish();
    const wire = new PlainReader(bytes);
    const texts: string[] = [];
    wire.next();
    wire.message('inner', () => (wire.field === 1 ? texts.push(wire.text('name')) : wire.skip()));
    expect(texts).toEqual(['né']);
    expect([wire.isAtEnd, wire.next(), wire.field, wire.uint32('last'), wire.isAtEnd]).toEqual([
      false,
      true,
      4,
      5,
      true,
    ]);
  });

  it('steps over what is unread of a message that is left', () => {
    const wire = new PlainReader(
      delimited(1)
        .bytes(varint(1).uint32(1).finish())
        .uint32(2 << 3)
        .uint32(8)
        .finish(),
    );
    wire.next();
    wire.leave(wire.enter('inner'));
    expect(wire.next()).toBe(true);
    expect(wire.uint32('after')).toBe(8);
  });

  it('comes back to a message that was postponed', () => {
    const bytes = delimited(1)
      .bytes(varint(1).uint32(42).finish())
      .uint32(2 << 3)
      .uint32(8)
      .finish();
    const wire = new PlainReader(bytes);
    wire.next();
    const start = wire.postpone('inner');
    wire.next();
    expect(wire.uint32('after')).toBe(8);
    const end = wire.position;
    wire.revisit(start);
    let value = 0;
    wire.message('inner', () => {
      value = wire.uint32('value');
    });
    expect(value).toBe(42);
    wire.revisit(end);
    expect(wire.next()).toBe(false);
  });

  it('enters a message without a tag', () => {
    const wire = new PlainReader(new Writer().bytes(varint(1).uint32(42).finish()).finish());
    const outer = wire.enterDelimited('page');
    wire.next();
    expect(wire.uint32('value')).toBe(42);
    wire.leave(outer);
    expect(wire.isAtEnd).toBe(true);
  });

  it.each<[string, string, (wire: PlainReader) => unknown, string]>([
    [
      'another wire type',
      '0801',
      (wire) => wire.double('value'),
      '1: value (field 1) has wire type 0 where 1 is expected',
    ],
    [
      'a message beyond its outer one',
      '0a0901',
      (wire) => wire.enter('inner'),
      '2: inner claims 9 bytes where 1 are left',
    ],
    ['a text that is cut off', '0a0961', (wire) => wire.text('name'), '2: field 1 ends beyond its message'],
    ['a double that is cut off', '0901', (wire) => wire.double('value'), '1: field 1 ends beyond its message'],
    ['a varint without end', '08ff', (wire) => wire.uint32('value'), '2: field 1 ends beyond its message'],
    [
      'packed numbers that are cut off',
      '0a0201',
      (wire) => wire.uint32s('refs', []),
      '2: field 1 ends beyond its message',
    ],
    ['a text that is not UTF-8', '0a01ff', (wire) => wire.text('name'), '3: name is not valid UTF-8'],
    [
      'field number 0',
      '0a020001',
      (wire) => wire.message('inner', () => wire.skip()),
      '3: inner: field number 0 is not allowed',
    ],
    ['an end of no group', '0c', (wire) => wire.skip(), '1: field 1 is malformed (invalid wire type 4 at offset 1)'],
  ])('says of %s what and where it is', (_, hex, read, message) => {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    const decode = () =>
      new PlainReader(bytes).decode((wire) => {
        wire.next();
        read(wire);
      });
    expect(decode).toThrow(new PlainFault(message));
    expect(decode).toThrow(PlainFault);
  });

  it("lets errors through that are not of the bytes' making", () => {
    const wire = new PlainReader(new Uint8Array());
    const bug = new TypeError('not a function');
    expect(() =>
      wire.decode(() => {
        throw bug;
      }),
    ).toThrow(bug);
  });

  it('makes of every NaN the same one, if a room has no other wish', () => {
    const marker = Uint8Array.of(0x09, 2, 0, 0, 0, 0, 0, 0xf0, 0x7f);
    const wire = new PlainReader(marker);
    wire.next();
    expect(bitsOf(wire.double('value'))).toBe(bitsOf(Number.NaN));
    const lenient = new LenientReader(marker);
    lenient.next();
    expect(lenient.double('value')).toBe(2);
  });

  it('leaves it to the room what a text that is not UTF-8 reads as', () => {
    const wire = new LenientReader(Uint8Array.of(0x0a, 3, 0x61, 0xff, 0x62, 0x10, 7));
    wire.next();
    expect(wire.text('name')).toBe('name=a\ufffdb');
    wire.next();
    expect(wire.uint32('after')).toBe(7);
  });

  it('counts messages, texts and packed numbers against what it may unfold', () => {
    const bytes = delimited(1)
      .string('a')
      .uint32((2 << 3) | 2)
      .bytes(Uint8Array.of(2, 4))
      .finish();
    const read = (wire: ProtobufReader): number[] => {
      const deltas: number[] = [];
      wire.next();
      wire.text('name');
      wire.next();
      wire.sint64s('deltas', deltas);
      return deltas;
    };
    expect(read(new PlainReader(bytes, 4))).toEqual([1, 2]);
    expect(() => read(new PlainReader(bytes, 3))).toThrow(/: the bytes hold more than 3 elements$/);
    expect(() => read(new LenientReader(bytes, 3))).toThrow(new PlainFault('not more than 3'));
    expect(read(new PlainReader(bytes))).toEqual([1, 2]);
  });

  it.each([
    ['packed sint64', '0a06000000000000', (wire: PlainReader, into: number[]) => wire.sint64s('n', into)],
    ['packed uint32', '0a06000000000000', (wire: PlainReader, into: number[]) => wire.uint32s('n', into)],
    ['sint64', '080008000800', (wire: PlainReader, into: number[]) => wire.sint64s('n', into)],
    ['uint32', '080008000800', (wire: PlainReader, into: number[]) => wire.uint32s('n', into)],
    [
      'double',
      '0900000000000000000900000000000000000900',
      (wire: PlainReader, into: number[]) => wire.doubles('n', into),
    ],
  ])('keeps no more numbers than it may unfold: %s', (_, hex, read) => {
    const wire = new PlainReader(Buffer.from(hex, 'hex'), 2);
    const numbers: number[] = [];
    expect(() => {
      while (wire.next()) read(wire, numbers);
    }).toThrow(/: the bytes hold more than 2 elements$/);
    expect(numbers.length).toBeLessThanOrEqual(3);
  });

  it('counts what is postponed at once, where it is told what that costs', () => {
    const wire = new PlainReader(Buffer.from('0a000a00', 'hex'), 6);
    wire.next();
    wire.postpone('inner', 4);
    wire.next();
    expect(() => wire.postpone('inner', 4)).toThrow(/: the bytes hold more than 6 elements$/);
  });
});

function writePacked<T>(
  writer: Writer,
  field: number,
  values: readonly T[],
  write: (into: Writer, value: T) => void,
): void {
  writer.uint32((field << 3) | 2).fork();
  for (const value of values) write(writer, value);
  writer.ldelim();
}

function readLists(bytes: Uint8Array): [longs: number[], shorts: number[], doubles: number[]] {
  const wire = new PlainReader(bytes);
  const lists: [number[], number[], number[]] = [[], [], []];
  while (wire.next()) {
    if (wire.field === 1) wire.sint64s('longs', lists[0]);
    else if (wire.field === 2) wire.uint32s('shorts', lists[1]);
    else wire.doubles('doubles', lists[2]);
  }
  return lists;
}

function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16);
}
