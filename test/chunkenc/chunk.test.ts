import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptBlockError } from '../../lib/chunkenc/corrupt-block-error.ts';
import { openChunk } from '../../lib/chunkenc/decode-chunk.ts';
import { encodeChunk } from '../../lib/chunkenc/encode-chunk.ts';
import type { Chunk } from '../../lib/chunkenc/sample-block.ts';

const T0 = 1_763_800_000_000;

/** Series that share timestamps as the targets of one scrape do, and series that share nothing. */
const times = fc.oneof(
  fc.constantFrom(1, 7, 30).map((count) => Array.from({ length: count }, (_, i) => T0 + i * 15_000 + (i % 3))),
  fc.uniqueArray(fc.nat({ max: 9_999_999_999_999 }), { maxLength: 12 }).map((all) => all.sort((a, b) => a - b)),
);
const series = times.chain((timestamps) =>
  fc.record({
    timestamps: fc.constant(timestamps),
    values: fc.array(fc.oneof(fc.integer(), fc.double()), {
      minLength: timestamps.length,
      maxLength: timestamps.length,
    }),
    starts: fc.array(fc.oneof(fc.constant(0), fc.nat()), {
      minLength: timestamps.length,
      maxLength: timestamps.length,
    }),
  }),
);
const chunk = fc
  .record({
    groups: fc.array(fc.array(series, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
    hasStarts: fc.boolean(),
  })
  .map(({ groups, hasStarts }): Chunk => {
    const all = groups.flat();
    const offsets = new Uint32Array(all.length + 1);
    for (const [i, { timestamps }] of all.entries()) offsets[i + 1] = (offsets[i] as number) + timestamps.length;
    return {
      groups: groups.map((group, i) => ({
        metric: `metric ${i} ü`,
        idsHigh: Uint32Array.from(group, (_, k) => k >>> 1),
        idsLow: Uint32Array.from(group, (_, k) => k * 1_000_003),
      })),
      offsets,
      timestamps: Float64Array.from(all.flatMap((one) => one.timestamps)),
      values: Float64Array.from(all.flatMap((one) => one.values)),
      ...(hasStarts && all.length > 0 && { startTimestamps: Float64Array.from(all.flatMap((one) => one.starts)) }),
    };
  });

describe('a chunk', () => {
  it('returns every bit that went in', () => {
    fc.assert(
      fc.property(chunk, (original) => {
        const { groups, samples } = openChunk(encodeChunk(original));
        expect({ groups, ...samples() }).toEqual(
          original.timestamps.length === 0 ? { ...original, startTimestamps: undefined } : original,
        );
      }),
    );
  });

  it('takes far less than a byte for the timestamps of series that share them', () => {
    const count = 480;
    const one = Float64Array.from({ length: count }, (_, i) => T0 + i * 15_000 + ((i * 7) % 10 === 0 ? 1 : 0));
    const sizeOf = (seriesCount: number) =>
      encodeChunk({
        groups: [
          {
            metric: 'm',
            idsHigh: new Uint32Array(seriesCount),
            idsLow: Uint32Array.from({ length: seriesCount }, (_, i) => i),
          },
        ],
        offsets: Uint32Array.from({ length: seriesCount + 1 }, (_, i) => i * count),
        timestamps: Float64Array.from({ length: count * seriesCount }, (_, i) => one[i % count] as number),
        values: new Float64Array(count * seriesCount),
      }).length;
    expect((sizeOf(64) - sizeOf(1)) / (63 * count)).toBeLessThan(0.05);
  });

  it('tells its series without being inflated', () => {
    const bytes = encodeChunk({
      groups: [{ metric: 'up', idsHigh: Uint32Array.of(1), idsLow: Uint32Array.of(2) }],
      offsets: Uint32Array.of(0, 2),
      timestamps: Float64Array.of(T0, T0 + 1),
      values: Float64Array.of(1, 0.5),
    });
    expect(openChunk(bytes).groups[0]).toEqual({ metric: 'up', idsHigh: Uint32Array.of(1), idsLow: Uint32Array.of(2) });
  });

  it('is refused when groups and series differ', () => {
    const nothing = { offsets: Uint32Array.of(0), timestamps: new Float64Array(0), values: new Float64Array(0) };
    const groups = [{ metric: 'm', idsHigh: Uint32Array.of(0), idsLow: Uint32Array.of(0) }];
    expect(() => encodeChunk({ ...nothing, groups })).toThrow('BUG: groups of a chunk');
  });

  it('meets damage with a typed error', () => {
    fc.assert(
      fc.property(chunk, fc.nat(), fc.integer({ min: 1, max: 255 }), (original, place, flip) => {
        const bytes = encodeChunk(original);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] as number) ^ flip;
        expect(() => openChunk(bytes).samples()).toThrow(CorruptBlockError);
      }),
    );
  });
});
