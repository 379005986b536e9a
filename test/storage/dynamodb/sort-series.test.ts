import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChunkSeries } from '../../../lib/storage/dynamodb/build-chunks.ts';
import { seriesOrder } from '../../../lib/storage/dynamodb/manifest.ts';
import { sortSeries } from '../../../lib/storage/dynamodb/sort-series.ts';

const EMPTY = { floats: { timestamps: new Float64Array(0), values: new Float64Array(0) } };
const half = fc.oneof(
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const series = fc
  .record({ metric: fc.constantFrom('', 'a', 'a\tb', 'ab', 'a\n0', 'é', '😀', '\uffee'), high: half, low: half })
  .map(({ metric, high, low }): ChunkSeries => {
    const id = high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
    return { identity: { id, high, low }, metric, columns: EMPTY };
  });

describe('sortSeries', () => {
  it('sorts as the texts of seriesOrder do', () => {
    fc.assert(
      fc.property(fc.array(series), (unsorted) => {
        const orders = sortSeries(unsorted).map(({ metric, identity }) => seriesOrder(metric, identity.id));
        expect(orders).toEqual(unsorted.map(({ metric, identity }) => seriesOrder(metric, identity.id)).sort());
      }),
    );
  });
});
