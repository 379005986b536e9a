import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packMessages } from '../../lib/pipeline/pack-messages.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import { labels, nativeHistogram, series, V2 } from '../receiver/messages.ts';

const MAX_BYTES = 400;

describe('packMessages', () => {
  it('keeps every sample once and in order, and every body within its bound', () => {
    const arbitrary = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 5 }), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(arbitrary, (sizes) => {
        const sent = sizes.map(([samples, histograms, hasMetadata], i) => make(i, samples, histograms, hasMetadata));
        const bodies = packMessages(sent, MAX_BYTES);
        expect(Math.max(...bodies.map((body) => body.length))).toBeLessThanOrEqual(MAX_BYTES);
        expect(merge(bodies.flatMap(read))).toEqual(merge(sent));
      }),
    );
  });

  it('packs nothing into one body that can be read', () => {
    const bodies = packMessages([]);
    expect(bodies.map((body) => body.length > 0)).toEqual([true]);
    expect(bodies.flatMap(read)).toEqual([]);
  });

  it('calls a sample that no body can hold what it is', () => {
    expect(() => packMessages([make(0, 1, 0, true)], 20)).toThrow(/^BUG: one sample is larger than a queue message/);
  });
});

function make(i: number, samples: number, histograms: number, hasMetadata: boolean): TimeSeries {
  return series(labels('__name__', `packed_${i}`), {
    samples: Array.from({ length: samples }, (_, at) => ({ timestamp: at + 1, value: Math.sin(at + i) })),
    histograms: Array.from({ length: histograms }, (_, at) => nativeHistogram({ timestamp: at + 1 })),
    ...(hasMetadata ? { metadata: { type: 'gauge', help: 'h', unit: '' } } : {}),
  });
}

function read(body: Uint8Array): readonly TimeSeries[] {
  return decodeWriteRequest(uncompress(body, 1e6), V2).timeseries;
}

/** By series: its samples and histograms in order, and how often its metadata was there. */
function merge(timeseries: readonly TimeSeries[]) {
  const merged: Record<string, { samples: unknown[]; histograms: unknown[]; metadata: number }> = {};
  for (const { labels: of, samples, histograms, metadata } of timeseries) {
    const name = of[0]?.value ?? '';
    merged[name] ??= { samples: [], histograms: [], metadata: 0 };
    merged[name].samples.push(...samples);
    merged[name].histograms.push(...histograms);
    merged[name].metadata += metadata === undefined ? 0 : 1;
  }
  return merged;
}
