import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Histogram } from '../../../lib/model/histogram.ts';
import { toFloatHistogram, toWireHistogram } from '../../../lib/promql/histogram/convert.ts';
import { histogramsEqual } from '../../../lib/promql/histogram/equals.ts';
import { histogramToScript } from '../../../lib/promql/histogram/format.ts';
import { customHistograms, exponentialHistograms } from './histogram-of.ts';

const integer: Histogram = {
  timestamp: 1000,
  isFloat: false,
  schema: 1,
  count: 12,
  sum: 18.4,
  zeroThreshold: 0.001,
  zeroCount: 2,
  resetHint: 'no',
  positiveSpans: [
    { offset: 0, length: 2 },
    { offset: 1, length: 2 },
  ],
  positiveDeltas: [1, 1, -1, 0],
  positiveCounts: [],
  negativeSpans: [{ offset: -1, length: 2 }],
  negativeDeltas: [3, -2],
  negativeCounts: [],
  customValues: [],
};

describe('toFloatHistogram', () => {
  it('adds up the deltas of integer histograms', () => {
    expect(histogramToScript(toFloatHistogram(integer))).toBe(
      '{{schema:1 count:12 sum:18.4 z_bucket:2 z_bucket_w:0.001 counter_reset_hint:not_reset buckets:[1 2 0 1 1] n_offset:-1 n_buckets:[3 1]}}',
    );
  });

  it('reduces resolutions finer than schema 8', () => {
    const fine = {
      ...integer,
      schema: 9,
      positiveSpans: [{ offset: 1, length: 4 }],
      negativeSpans: [],
      negativeDeltas: [],
    };
    expect(histogramToScript(toFloatHistogram(fine))).toContain('schema:8');
    expect([...toFloatHistogram(fine).positiveBuckets]).toEqual([3, 2]);
  });

  it('undoes toWireHistogram', () => {
    fc.assert(
      fc.property(fc.oneof(exponentialHistograms, customHistograms), (histogram) => {
        const back = toFloatHistogram(toWireHistogram(histogram, 5));
        expect(histogramsEqual(back, histogram)).toBe(true);
        expect(back.resetHint).toBe(histogram.resetHint);
      }),
    );
  });
});
