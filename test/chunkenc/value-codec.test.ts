import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../lib/chunkenc/byte-reader.ts';
import { ByteWriter } from '../../lib/chunkenc/byte-writer.ts';
import { CorruptBlockError } from '../../lib/chunkenc/corrupt-block-error.ts';
import { decodeValues, encodeValues } from '../../lib/chunkenc/value-codec.ts';

/** Bits, since NaNs differ only there; the stale marker is one of them. */
const STALE = 0x7ff0_0000_0000_0002n;
const rate = fc.tuple(fc.nat(5000), fc.constantFrom(285, 300, 285.001, 28_500)).map(([a, b]) => a / b);
const ratio = fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 5000 })).map(([a, b]) => a / b);
const bits = (number: number) => new BigUint64Array(Float64Array.of(number).buffer)[0] as bigint;
const value = fc.oneof(rate, ratio, fc.integer(), fc.double({ noNaN: true })).map(bits);
const column = fc.array(fc.oneof({ weight: 12, arbitrary: value }, fc.constantFrom(STALE, bits(-0))), {
  maxLength: 40,
});

describe('encodeValues', () => {
  it('gives back every bit, whatever the series are made of', () => {
    fc.assert(
      fc.property(fc.array(column, { maxLength: 5 }), (columns) => {
        const words = BigUint64Array.from(columns.flat());
        const offsets = new Uint32Array(columns.length + 1);
        for (const [i, { length }] of columns.entries()) offsets[i + 1] = (offsets[i] as number) + length;
        const decoded = decodeValues(new ByteReader(encode(new Float64Array(words.buffer), offsets)), offsets);
        expect(new BigUint64Array(decoded.buffer)).toEqual(words);
      }),
      { numRuns: 500 },
    );
  });

  it('writes rates in two bytes, with stale markers among them', () => {
    const values = Float64Array.from({ length: 240 }, (_, i) => (20_000 + ((i * 7919) % 100)) * (300 / 285 / 300));
    new BigUint64Array(values.buffer)[100] = STALE;
    const bytes = encode(values, Uint32Array.of(0, values.length));
    // Numerator, denominator and correction, a byte each and some of two; eight for the marker.
    expect(bytes.length).toBeLessThan(values.length * 4.2);
  });

  it('refuses a denominator that divides nothing', () => {
    const offsets = Uint32Array.of(0, 2);
    const bytes = encode(Float64Array.of(1 / 7, 2 / 7), offsets);
    const base = bytes.lastIndexOf(7);
    expect(base).toBeGreaterThan(0);
    bytes[base] = 0;
    expect(() => decodeValues(new ByteReader(bytes), offsets)).toThrow(CorruptBlockError);
  });
});

function encode(values: Float64Array, offsets: Uint32Array): Uint8Array {
  const writer = new ByteWriter();
  encodeValues(writer, values, offsets);
  return writer.bytes.slice();
}
