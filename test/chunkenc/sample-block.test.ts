import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptBlockError } from '../../lib/chunkenc/corrupt-block-error.ts';
import { decodeSampleBlock, openSampleBlock } from '../../lib/chunkenc/decode-sample-block.ts';
import { encodeSampleBlock } from '../../lib/chunkenc/encode-sample-block.ts';
import type { SampleBlock } from '../../lib/chunkenc/sample-block.ts';
import { STALE_HIGH, STALE_LOW } from '../../lib/model/stale-marker.ts';

const T0 = 1_763_800_000_000;

/** Values by their bits, so that no NaN, zero or denormal can hide behind `===`. */
const bits = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(
    (BigInt(STALE_HIGH) << 32n) | BigInt(STALE_LOW),
    0x7ff8000000000001n,
    0xfff8000000000000n,
    0x7ff0000000000001n,
    0x8000000000000000n,
    0x0000000000000001n,
    0x7ff0000000000000n,
    0xfff0000000000000n,
    0x7fefffffffffffffn,
  ),
);
const numeric = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.tuple(fc.integer(), fc.integer({ min: 0, max: 17 })).map(([mantissa, scale]) => mantissa / 10 ** scale),
);
const value = fc.oneof({ weight: 3, arbitrary: numeric.map(toBits) }, bits);
const startTimestamp = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9_999_999_999_999 }));
const sample = fc.record({
  timestamp: fc.oneof(
    fc.integer({ min: 0, max: 40 }).map((i) => T0 + i * 15_000),
    fc.integer({ min: 0, max: 9_999_999_999_999 }),
  ),
  value,
  startTimestamp,
});
const blocks = fc
  .tuple(
    fc.uniqueArray(
      fc.record({
        id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        samples: fc.uniqueArray(sample, { selector: (one) => one.timestamp, maxLength: 12 }),
      }),
      { selector: (series) => series.id, maxLength: 12 },
    ),
    fc.boolean(),
  )
  .map(([series, hasStarts]) => toBlock(series, hasStarts));

describe('sample block', () => {
  it('returns every bit that went in', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        const decoded = decodeSampleBlock(encodeSampleBlock(block));
        expect(asBits(decoded)).toEqual(asBits(block));
      }),
      { numRuns: 500 },
    );
  });

  it('gives equal bytes for equal blocks', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        expect(encodeSampleBlock(block)).toEqual(encodeSampleBlock(structuredClone(block)));
      }),
    );
  });

  it('refuses any block with a damaged byte', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.integer({ min: 1, max: 255 }), (block, place, change) => {
        const bytes = encodeSampleBlock(block);
        bytes[place % bytes.length] = (bytes[place % bytes.length] as number) ^ change;
        expect(() => decodeSampleBlock(bytes)).toThrow(CorruptBlockError);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses any block that is cut short', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), (block, place) => {
        const bytes = encodeSampleBlock(block);
        expect(() => decodeSampleBlock(bytes.subarray(0, place % bytes.length))).toThrow(CorruptBlockError);
      }),
    );
  });

  it('tells its series without its samples', () => {
    const block = regular(50, 3);
    const open = openSampleBlock(encodeSampleBlock(block));
    expect(open.idsHigh).toEqual(block.idsHigh);
    expect(open.idsLow).toEqual(block.idsLow);
    expect(open.samples()).toEqual(block);
  });

  it('spends at most 2 bytes on a sample of a steady counter', () => {
    const block = regular(200, 40);
    expect(encodeSampleBlock(block).length / block.values.length).toBeLessThan(2);
  });

  it.each([
    ['ids out of order', { idsHigh: Uint32Array.of(2, 1) }],
    ['a repeated id', { idsHigh: Uint32Array.of(1, 1), idsLow: Uint32Array.of(7, 7) }],
    ['a missing value', { values: new Float64Array(1) }],
    ['offsets that end early', { offsets: Uint32Array.of(0, 1, 1) }],
    ['a fraction of a millisecond', { timestamps: Float64Array.of(1.5, 2) }],
    ['a time before the epoch', { timestamps: Float64Array.of(-1, 2) }],
    ['a start timestamp that is no number', { startTimestamps: Float64Array.of(0, Number.NaN) }],
  ])('does not encode %s', (_, defect) => {
    const block: SampleBlock = {
      idsHigh: Uint32Array.of(1, 2),
      idsLow: Uint32Array.of(0, 0),
      offsets: Uint32Array.of(0, 1, 2),
      timestamps: Float64Array.of(1, 2),
      values: Float64Array.of(1, 2),
    };
    expect(() => encodeSampleBlock({ ...block, ...defect })).toThrow(/^BUG: /);
  });
});

interface GeneratedSeries {
  readonly id: bigint;
  readonly samples: readonly { readonly timestamp: number; readonly value: bigint; readonly startTimestamp: number }[];
}

function toBlock(series: readonly GeneratedSeries[], hasStarts: boolean): SampleBlock {
  const sorted = [...series].sort((a, b) => (a.id < b.id ? -1 : 1));
  const samples = sorted.flatMap((one) => [...one.samples].sort((a, b) => a.timestamp - b.timestamp));
  const offsets = new Uint32Array(sorted.length + 1);
  for (const [i, one] of sorted.entries()) offsets[i + 1] = (offsets[i] as number) + one.samples.length;
  const block: SampleBlock = {
    idsHigh: Uint32Array.from(sorted, (one) => Number(one.id >> 32n)),
    idsLow: Uint32Array.from(sorted, (one) => Number(one.id & 0xffffffffn)),
    offsets,
    timestamps: Float64Array.from(samples, (one) => one.timestamp),
    values: new Float64Array(BigUint64Array.from(samples, (one) => one.value).buffer),
  };
  if (!hasStarts || samples.length === 0) return block;
  return { ...block, startTimestamps: Float64Array.from(samples, (one) => one.startTimestamp) };
}

/** Counters of five targets, scraped every 15 s. */
function regular(series: number, scrapes: number): SampleBlock {
  const count = series * scrapes;
  return {
    idsHigh: Uint32Array.from({ length: series }, (_, i) => i * 1_000_003),
    idsLow: Uint32Array.from({ length: series }, (_, i) => (i * 2_654_435_761) % 2 ** 32),
    offsets: Uint32Array.from({ length: series + 1 }, (_, i) => i * scrapes),
    timestamps: Float64Array.from({ length: count }, (_, i) => {
      return T0 + (i % scrapes) * 15_000 + (Math.floor(i / scrapes) % 5) * 1_234;
    }),
    values: Float64Array.from({ length: count }, (_, i) => Math.floor(i / scrapes) * 1000 + (i % scrapes) * 7),
  };
}

function toBits(number: number): bigint {
  return new BigUint64Array(Float64Array.of(number).buffer)[0] as bigint;
}

function asBits(block: SampleBlock): Record<string, readonly (number | bigint)[]> {
  return {
    idsHigh: [...block.idsHigh],
    idsLow: [...block.idsLow],
    offsets: [...block.offsets],
    timestamps: [...block.timestamps],
    values: [...new BigUint64Array(block.values.slice().buffer)],
    startTimestamps: [...(block.startTimestamps ?? [])],
  };
}
