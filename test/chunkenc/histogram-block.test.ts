import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptBlockError } from '../../lib/chunkenc/corrupt-block-error.ts';
import { openHistogramBlock, openHistogramChunk } from '../../lib/chunkenc/decode-histogram-block.ts';
import { encodeHistogramBlock, encodeHistogramChunk } from '../../lib/chunkenc/encode-histogram-block.ts';
import type { HistogramBlock } from '../../lib/chunkenc/histogram-block.ts';
import type { Histogram } from '../../lib/model/histogram.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import { arbitraryHistogram, histogramSeries, STALE_HISTOGRAM } from '../model/arbitrary-histogram.ts';

const T0 = 1_763_800_000_000;
const TIMES = Array.from({ length: 12 }, (_, i) => T0 + i * 15_000);

const scattered = fc
  .uniqueArray(arbitraryHistogram(fc.integer({ min: 0, max: 9_999_999_999_999 })), {
    selector: ({ timestamp }) => timestamp,
    maxLength: 6,
  })
  .map((all) => all.sort((a, b) => a.timestamp - b.timestamp));
const blocks = fc.array(fc.oneof(histogramSeries(TIMES), scattered), { maxLength: 5 }).map(toBlock);

describe('histogram block', () => {
  it('returns every bit that went in', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        const { histograms, ...ids } = openHistogramBlock(encodeHistogramBlock(block));
        const decoded = histograms();
        expect(ids).toEqual({ idsHigh: block.idsHigh, idsLow: block.idsLow });
        expect(decoded.offsets).toEqual(block.offsets);
        expect(all(decoded.of, block.idsHigh.length).map(exact)).toEqual(block.histograms.map(exact));
      }),
      { numRuns: 400 },
    );
  });

  it('returns the same from a chunk', () => {
    fc.assert(
      fc.property(blocks, ({ idsHigh, idsLow, ...columns }) => {
        const groups = [
          { metric: 'a', idsHigh: idsHigh.slice(0, 1), idsLow: idsLow.slice(0, 1) },
          { metric: 'b ü', idsHigh: idsHigh.slice(1), idsLow: idsLow.slice(1) },
        ];
        const open = openHistogramChunk(encodeHistogramChunk({ groups, ...columns }));
        expect(open.groups).toEqual(groups);
        expect(all(open.histograms().of, idsHigh.length).map(exact)).toEqual(columns.histograms.map(exact));
      }),
    );
  });

  it('gives equal bytes for equal blocks', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        // Not structuredClone, which makes an ordinary NaN of a stale marker.
        const again = { ...block, histograms: block.histograms.map((histogram) => ({ ...histogram })) };
        expect(encodeHistogramBlock(block)).toEqual(encodeHistogramBlock(again));
      }),
    );
  });

  it('refuses any block with a damaged byte', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.integer({ min: 1, max: 255 }), (block, place, change) => {
        const bytes = encodeHistogramBlock(block);
        bytes[place % bytes.length] = (bytes[place % bytes.length] as number) ^ change;
        expect(() => openHistogramBlock(bytes).histograms()).toThrow(CorruptBlockError);
      }),
    );
  });

  it('keeps integers beyond what differences can carry', () => {
    const huge = 2 ** 62;
    const deltas = [huge, -huge, 5];
    const histogram: Histogram = {
      ...STALE_HISTOGRAM,
      timestamp: T0,
      sum: 1,
      count: huge + 5,
      positiveSpans: [{ offset: 0, length: 3 }],
      positiveDeltas: deltas,
    };
    const [found] = openHistogramBlock(encodeHistogramBlock(toBlock([[histogram]])))
      .histograms()
      .of(0);
    expect(found).toEqual(histogram);
  });

  it('takes a byte or two for each bucket that changed and nearly none for the others', () => {
    const run = TIMES.map((timestamp, i) => steady(timestamp, i));
    const bytes = encodeHistogramBlock(toBlock([run])).length;
    expect(bytes / run.length).toBeLessThan(20);
  });

  it('does not hide a histogram whose spans and buckets differ', () => {
    const broken = { ...STALE_HISTOGRAM, timestamp: T0, positiveSpans: [{ offset: 0, length: 2 }] };
    expect(() => encodeHistogramBlock(toBlock([[broken]]))).toThrow('BUG: spans of a histogram differ');
  });
});

/** A request takes 10 ms or 100 ms; every scrape sees a few more. */
function steady(timestamp: number, i: number): Histogram {
  return {
    ...STALE_HISTOGRAM,
    timestamp,
    schema: 3,
    sum: i / 2,
    count: 40 * i + 20,
    positiveSpans: [{ offset: -20, length: 20 }],
    positiveDeltas: Array.from({ length: 20 }, (_, k) => (k === 0 ? 2 * i + 1 : 0)),
  };
}

function toBlock(series: readonly (readonly Histogram[])[]): HistogramBlock {
  const offsets = new Uint32Array(series.length + 1);
  for (const [i, one] of series.entries()) offsets[i + 1] = (offsets[i] as number) + one.length;
  return {
    idsHigh: Uint32Array.from(series, (_, i) => i >>> 1),
    idsLow: Uint32Array.from(series, (_, i) => i * 1_000_003),
    offsets,
    histograms: series.flat(),
  };
}

function all(of: (series: number) => readonly Histogram[], series: number): Histogram[] {
  return Array.from({ length: series }, (_, i) => of(i)).flat();
}

/** The stale marker spelled out, for `toEqual` takes all NaNs for one. */
function exact({ sum, ...rest }: Histogram): unknown {
  return { ...rest, sum: isStaleNaN(sum) ? 'stale' : sum };
}
