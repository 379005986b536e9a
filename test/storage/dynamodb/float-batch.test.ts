import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSampleBlock } from '../../../lib/chunkenc/decode-sample-block.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { isStaleNaN, STALE_NAN } from '../../../lib/model/stale-marker.ts';
import { buildSampleBlocks } from '../../../lib/storage/dynamodb/build-sample-blocks.ts';
import { cutBatch, packBatch } from '../../../lib/storage/dynamodb/float-batch.ts';
import { PendingBatch } from '../../../lib/storage/dynamodb/pending-batch.ts';
import { WrittenSeriesMemo } from '../../../lib/storage/dynamodb/written-series.ts';
import { SeriesBuilder } from '../../../lib/storage/series-builder.ts';
import { seriesIdentity } from '../../../lib/storage/series-identity.ts';

const T = 1_795_000_000_000;
const WIDTH = 60_000;

const sample = fc.record({
  series: fc.nat({ max: 5 }),
  // Of each series two label sets that are equal and not the same.
  twin: fc.nat({ max: 1 }),
  timestamp: fc.nat({ max: 6 }).map((n) => T + n * 20_000),
  value: fc.constantFrom(0, -0, 1, 2.5, Number.NaN, STALE_NAN, Number.POSITIVE_INFINITY),
  startTimestamp: fc.constantFrom(0, 0, 0, T - 1, T - 2),
});

describe('PendingBatch and packBatch', () => {
  it('give the blocks that series gathered one by one give, to the byte', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), (samples) => {
        const labels = [0, 1].map(() => Array.from({ length: 6 }, (_, i) => labelsOf(i)));
        const memo = new WrittenSeriesMemo(seriesIdentity);
        // The second batch is of series that are known.
        for (let round = 0; round < 2; round++) {
          const batch = new PendingBatch(memo);
          const builders = new Map<number, SeriesBuilder>();
          for (const { series, twin, startTimestamp, ...rest } of samples) {
            const one = startTimestamp === 0 ? rest : { ...rest, startTimestamp };
            batch.append(labels[twin]?.[series] as Labels, one);
            builders.set(series, builders.get(series) ?? new SeriesBuilder());
            builders.get(series)?.push(one);
          }
          const gathered = [...builders].map(([i, builder]) => ({
            identity: seriesIdentity(labelsOf(i)),
            columns: builder.build(),
          }));
          gathered.sort((a, b) => (a.identity.id < b.identity.id ? -1 : 1));
          const { floats, mixed } = batch.build();
          expect(mixed).toEqual([]);
          expect(packBatch(floats)).toEqual(buildSampleBlocks(gathered));
        }
      }),
    );
  });

  it('cuts in time without losing a sample, a marker or the order', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), (samples) => {
        const batch = new PendingBatch(new WrittenSeriesMemo(seriesIdentity));
        const known = Array.from({ length: 6 }, (_, i) => labelsOf(i));
        for (const { series, timestamp, value } of samples) batch.append(known[series] as Labels, { timestamp, value });
        const { floats } = batch.build();
        const whole = contentOf(floats);
        const parts = [...cutBatch(floats, WIDTH)].flatMap(([start, part]) => {
          for (const timestamp of part.timestamps) expect(Math.floor(timestamp / WIDTH) * WIDTH).toBe(start);
          return contentOf(part);
        });
        expect(parts.sort()).toEqual(whole.sort());
      }),
    );
  });

  it('halves what does not fit an item, down to one series', () => {
    const batch = new PendingBatch(new WrittenSeriesMemo(seriesIdentity));
    const labels = [labelsOf(0), labelsOf(1)] as const;
    for (let i = 0; i < 70_000; i++) batch.append(labels[i < 60_000 ? 0 : 1], { timestamp: T + i, value: Math.sin(i) });
    const blocks = packBatch(batch.build().floats);
    for (const { payload } of blocks) expect(payload.length).toBeLessThan(400_000);
    const values = new Map<number, number>();
    for (const { payload } of blocks) {
      const block = decodeSampleBlock(payload);
      for (const [i, timestamp] of block.timestamps.entries()) values.set(timestamp - T, block.values[i] as number);
    }
    expect(values.size).toBe(70_000);
    expect([...values].filter(([i, value]) => value !== Math.sin(i))).toEqual([]);
  });

  it('takes one of two series of one id, in whatever order they come, and all that agree in half of it', () => {
    for (const order of [
      [1, 0, 2, 1, 0],
      [0, 1, 0, 2, 2],
    ]) {
      const clash = new PendingBatch(new WrittenSeriesMemo(() => ({ id: 'same', high: 1, low: 2, check: 3 })));
      for (const [at, i] of order.entries()) clash.append(labelsOf(i), { timestamp: T + at, value: i });
      const build = (...without: number[]) => {
        const { floats, collisions } = clash.build(new Set(without.map((i) => labelsOf(i).key)));
        const samples = order.filter((i) => floats.series[0]?.labels.get('i') === String(i)).length;
        expect(floats.timestamps).toHaveLength(samples);
        return [floats.series, collisions].map((series) => series.map(({ labels }) => labels.get('i')));
      };
      expect(build()).toEqual([['0'], ['1', '2']]);
      expect(build(0)).toEqual([['1'], ['2']]);
      expect(build(0, 1)).toEqual([['2'], []]);
      expect(clash.build().collisions[0]?.detail).toContain('m{i="0"}, of the same commit, has it');
    }
    const half = new PendingBatch(
      new WrittenSeriesMemo((labels) => ({ id: '', high: 7, low: 9 - Number(labels.get('i')), check: 3 })),
    );
    for (const i of [0, 1, 2, 3]) half.append(labelsOf(i), { timestamp: T, value: i });
    expect(half.build().floats.series.map(({ labels }) => labels.get('i'))).toEqual(['3', '2', '1', '0']);
  });
});

function labelsOf(i: number): Labels {
  return Labels.from({ __name__: 'm', i: String(i) });
}

function contentOf({ series, offsets, timestamps, values }: ReturnType<PendingBatch['build']>['floats']): string[] {
  return series.flatMap(({ labels }, i) => {
    const [begin = 0, end = 0] = offsets.subarray(i, i + 2);
    return Array.from({ length: end - begin }, (_, k) => {
      const value = values[begin + k] as number;
      return `${labels} ${timestamps[begin + k]} ${isStaleNaN(value) ? 'stale' : String(value)}`;
    });
  });
}
