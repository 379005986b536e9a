import { describe, expect, it } from 'vitest';
import { encodeSampleBlock } from '../../../lib/chunkenc/encode-sample-block.ts';
import { GatheredSeries } from '../../../lib/storage/dynamodb/gathered-series.ts';

describe('GatheredSeries', () => {
  it('brings series of blocks into the order of chunks, columns one after the other', () => {
    const gathered = new GatheredSeries();
    gathered.addBlock(block([1, 2, 3], 10));
    gathered.addBlock(block([2, 4], 20));
    const names = ['', 'up', 'down', 'up', 'down'];
    const series = gathered.build(0, (high) => names[high] ?? '');
    expect(series.map(({ metric, identity }) => [metric, identity.id])).toEqual([
      ['down', '0000000200000007'],
      ['down', '0000000400000007'],
      ['up', '0000000100000007'],
      ['up', '0000000300000007'],
    ]);
    expect(series.map(({ columns }) => [...columns.floats.timestamps])).toEqual([[10, 20], [20], [10], [10]]);
    expect(series.map(({ columns }) => columns.floats.timestamps.byteOffset)).toEqual([0, 16, 24, 32]);
  });

  it('asks for no name of a series that expired: its labels may be gone, too', () => {
    const gathered = new GatheredSeries();
    gathered.addBlock(block([1, 2], 10));
    gathered.addBlock(block([2], 20));
    const asked: number[] = [];
    const series = gathered.build(15, (high) => {
      asked.push(high);
      return 'up';
    });
    expect(asked).toEqual([2]);
    expect(series.map(({ columns }) => [...columns.floats.timestamps])).toEqual([[20]]);
  });
});

/** One sample of each series. */
function block(idsHigh: readonly number[], timestamp: number): Uint8Array {
  const count = idsHigh.length;
  return encodeSampleBlock({
    idsHigh: Uint32Array.from(idsHigh),
    idsLow: new Uint32Array(count).fill(7),
    offsets: Uint32Array.from({ length: count + 1 }, (_, i) => i),
    timestamps: new Float64Array(count).fill(timestamp),
    values: new Float64Array(count).fill(1),
  });
}
