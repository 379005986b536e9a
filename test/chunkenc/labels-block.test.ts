import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptBlockError } from '../../lib/chunkenc/corrupt-block-error.ts';
import { decodeLabelsBlock } from '../../lib/chunkenc/decode-labels-block.ts';
import { encodeLabelsBlock } from '../../lib/chunkenc/encode-labels-block.ts';
import { encodeSampleBlock } from '../../lib/chunkenc/encode-sample-block.ts';
import { Labels } from '../../lib/model/labels.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const labels = fc.dictionary(text, text, { noNullPrototype: true, maxKeys: 8 }).map((record) => Labels.from(record));

describe('labels block', () => {
  it('returns the label sets that went in, in order', () => {
    fc.assert(
      fc.property(fc.array(labels), (series) => {
        const decoded = decodeLabelsBlock(encodeLabelsBlock(series));
        expect(decoded.map((one) => one.pairs)).toEqual(series.map((one) => one.pairs));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses any block with a damaged byte', () => {
    fc.assert(
      fc.property(fc.array(labels), fc.nat(), fc.integer({ min: 1, max: 255 }), (series, place, change) => {
        const bytes = encodeLabelsBlock(series);
        bytes[place % bytes.length] = (bytes[place % bytes.length] as number) ^ change;
        expect(() => decodeLabelsBlock(bytes)).toThrow(CorruptBlockError);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a block of another kind, by name', () => {
    const samples = encodeSampleBlock({
      idsHigh: new Uint32Array(0),
      idsLow: new Uint32Array(0),
      offsets: new Uint32Array(1),
      timestamps: new Float64Array(0),
      values: new Float64Array(0),
    });
    expect(() => decodeLabelsBlock(samples)).toThrow('cannot read labels block: kind 1 instead of 2');
  });

  it('writes what series have in common once', () => {
    const series = Array.from({ length: 500 }, (_, i) =>
      Labels.from({
        __name__: 'http_requests_total',
        namespace: 'shop',
        pod: `cart-7d9f8b6c5-${i}`,
        status: `${200 + (i % 5)}`,
      }),
    );
    expect(encodeLabelsBlock(series).length / series.length).toBeLessThan(8);
  });
});
