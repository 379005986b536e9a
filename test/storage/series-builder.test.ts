import { describe, expect, it } from 'vitest';
import { STALE_NAN } from '../../lib/model/stale-marker.ts';
import { countOf, SeriesBuilder } from '../../lib/storage/series-builder.ts';
import { STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';

const histogram = (timestamp: number, count: number) => ({ ...STALE_HISTOGRAM, timestamp, count, sum: count });

describe('SeriesBuilder', () => {
  it('gives each time once, to the kind that outranks the other', () => {
    const builder = new SeriesBuilder();
    for (const timestamp of [3, 1, 2]) builder.push({ timestamp, value: timestamp, startTimestamp: timestamp - 1 });
    builder.pushHistogram(histogram(2, 5));
    builder.pushHistogram(histogram(4, 5));
    builder.pushHistogram({ ...STALE_HISTOGRAM, timestamp: 3, sum: STALE_NAN });
    const { floats, histograms } = builder.build();
    expect([...floats.timestamps]).toEqual([1, 3]);
    expect([...floats.values]).toEqual([1, 3]);
    expect([...(floats.startTimestamps ?? [])]).toEqual([0, 2]);
    expect(histograms?.histograms).toEqual([histogram(2, 5), histogram(4, 5)]);
    expect(countOf(builder.build(2, 3))).toBe(2);
    expect(builder.has(4, 9)).toBe(true);
    expect(builder.has(5, 9)).toBe(false);
  });

  it('leaves out the column of histograms where floats outrank all of them', () => {
    const builder = new SeriesBuilder();
    builder.push({ timestamp: 1, value: 1 });
    builder.pushHistogram({ ...STALE_HISTOGRAM, timestamp: 1 });
    expect(builder.build()).not.toHaveProperty('histograms');
  });

  it('gives out columns that later samples do not change', () => {
    const builder = new SeriesBuilder();
    builder.pushHistogram(histogram(2, 1));
    const before = builder.build();
    builder.pushHistogram(histogram(1, 1));
    builder.pushHistogram(histogram(2, 7));
    expect(before.histograms?.histograms).toEqual([histogram(2, 1)]);
    expect(builder.build().histograms?.histograms).toEqual([histogram(1, 1), histogram(2, 7)]);
  });
});
