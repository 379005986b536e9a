import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../lib/chunkenc/byte-writer.ts';
import { CorruptBlockError } from '../../lib/chunkenc/corrupt-block-error.ts';
import { decodeLabelsBlock } from '../../lib/chunkenc/decode-labels-block.ts';
import { decodeSampleBlock } from '../../lib/chunkenc/decode-sample-block.ts';
import { seal, unseal } from '../../lib/chunkenc/envelope.ts';
import { decodeJsonBlock, encodeJsonBlock } from '../../lib/chunkenc/json-block.ts';

describe('envelope', () => {
  it('returns head and body', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array({ maxLength: 500 }), (head, body) => {
        const opened = unseal('samples', seal('samples', head, body));
        expect(Buffer.from(opened.head).equals(head)).toBe(true);
        expect(Buffer.from(opened.body()).equals(body)).toBe(true);
      }),
    );
  });

  it('names a version that it does not know', () => {
    const bytes = seal('samples', new Uint8Array(0), new Uint8Array(0));
    bytes[1] = 9;
    expect(() => unseal('samples', bytes)).toThrow('cannot read samples block: unknown version 9');
  });

  it('does not inflate more than the block says', () => {
    const bytes = forge(1, 10, deflateRawSync(new Uint8Array(50_000_000)));
    expect(() => unseal('samples', bytes).body()).toThrow(CorruptBlockError);
  });

  it('does not believe a size beyond any block', () => {
    const bytes = forge(1, 2 ** 40, deflateRawSync(new Uint8Array(10)));
    expect(() => unseal('samples', bytes).body()).toThrow('body of 1099511627776 bytes');
  });

  /** A checksum keeps accidents out; these bytes have a right one, and still must not hang, crash or ask for memory. */
  it('meets hostile bodies with a typed error or a value', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff), { maxLength: 200 }),
    );
    fc.assert(
      fc.property(hostile, hostile, (head, body) => {
        for (const [kind, decode] of [
          ['samples', decodeSampleBlock],
          ['labels', decodeLabelsBlock],
        ] as const) {
          expectTyped(() => decode(seal(kind, Uint8Array.from(head), Uint8Array.from(body))));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('JSON block', () => {
  it('returns any JSON value', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(decodeJsonBlock('ledger', encodeJsonBlock('ledger', JSON.parse(json)))).toEqual(JSON.parse(json));
      }),
    );
  });

  it('refuses what is not JSON', () => {
    const bytes = seal('metadata', new Uint8Array(0), Buffer.from('{'));
    expect(() => decodeJsonBlock('metadata', bytes)).toThrow(CorruptBlockError);
  });
});

/** A block with the sizes that a liar would write and a checksum that is right. */
function forge(method: number, length: number, packed: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  for (const byte of [1, 1, 0, method]) writer.byte(byte);
  writer.varint(length);
  writer.append(packed);
  writer.uint32(crc32(writer.bytes));
  return writer.bytes.slice();
}

function expectTyped(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptBlockError);
  }
}
