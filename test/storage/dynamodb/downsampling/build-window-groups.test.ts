import { describe, expect, it } from 'vitest';
import { openChunk } from '../../../../lib/chunkenc/decode-chunk.ts';
import { buildWindowGroups } from '../../../../lib/storage/dynamodb/downsampling/build-window-groups.ts';
import { STALE_HISTOGRAM } from '../../../model/arbitrary-histogram.ts';

function seriesOf(metric: string, number: number, windows: number) {
  const times = Float64Array.from({ length: windows }, (_, i) => (i + 1) * 300_000);
  const column = { timestamps: times, values: times.map((time) => time / 7) };
  const identity = { id: number.toString(16).padStart(16, '0'), high: 0, low: number };
  return { identity, metric, floats: { lasts: column, counts: column }, histograms: [] };
}

describe('buildWindowGroups', () => {
  it('gives series the same places in all of their columns', () => {
    const groups = buildWindowGroups([seriesOf('a', 1, 3), seriesOf('a', 2, 3), seriesOf('b', 1, 3)]);
    expect(groups).toHaveLength(1);
    expect([...(groups[0]?.columns.keys() ?? [])]).toEqual(['counts', 'lasts']);
    const { groups: ofMetrics, samples } = openChunk(groups[0]?.columns.get('lasts') ?? new Uint8Array(0));
    expect(ofMetrics.map(({ metric, idsLow }) => [metric, [...idsLow]])).toEqual([
      ['a', [1, 2]],
      ['b', [1]],
    ]);
    expect(samples().offsets).toEqual(Uint32Array.of(0, 3, 6, 9));
  });

  it('cuts them into groups of bounded size, and leaves a large metric to itself', () => {
    const series = [
      ...Array.from({ length: 10 }, (_, i) => seriesOf('a', i, 288)),
      ...Array.from({ length: 100 }, (_, i) => seriesOf('b', i, 288)),
      ...Array.from({ length: 10 }, (_, i) => seriesOf('c', i, 288)),
    ];
    const groups = buildWindowGroups(series);
    expect(groups.map(({ first, last }) => `${first[0]}${last[0]}`)).toEqual(['aa', 'bb', 'bb', 'bb', 'cc']);
  });

  it('packs histograms apart', () => {
    const histograms = [{ ...STALE_HISTOGRAM, timestamp: 1 }];
    const groups = buildWindowGroups([seriesOf('a', 1, 3), { ...seriesOf('h', 1, 0), floats: {}, histograms }]);
    expect(groups.map(({ first, columns }) => [first[0], [...columns.keys()]])).toEqual([
      ['a', ['counts', 'lasts']],
      ['h', ['histograms']],
    ]);
  });
});
