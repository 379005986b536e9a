import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonWriter } from '../../lib/api/json/json-writer.ts';
import { writeHistogram } from '../../lib/api/json/write-histogram.ts';
import { CUSTOM_BUCKETS_SCHEMA } from '../../lib/model/histogram.ts';
import { isStaleNaN } from '../../lib/model/stale-marker.ts';
import type { FloatHistogram } from '../../lib/promql/float-histogram.ts';
import { allBuckets } from '../../lib/promql/histogram/bucket.ts';
import { toFloatHistogram } from '../../lib/promql/histogram/convert.ts';
import { histogramOfAnswer } from '../../lib/remote/histogram-of-answer.ts';
import { parseQueryAnswer } from '../../lib/remote/query-answer.ts';
import { arbitraryHistogram } from '../model/arbitrary-histogram.ts';

/** As processes observe: no bucket lies within the zero bucket or beyond what a float can tell. */
const real = arbitraryHistogram(fc.constant(1_763_800_000_000)).filter(
  (histogram) =>
    !isStaleNaN(histogram.sum) &&
    allBuckets(toFloatHistogram(histogram)).every(
      ({ lower, upper }) => lower < upper && (histogram.schema === CUSTOM_BUCKETS_SCHEMA || isOrdinary(lower, upper)),
    ),
);

function isOrdinary(...bounds: readonly number[]): boolean {
  return bounds.every((bound) => Math.abs(bound) > 1e-300 && Math.abs(bound) < 1e300);
}

/** What the API writes of a histogram, and what we read of it. */
function throughJson(histogram: FloatHistogram): FloatHistogram | undefined {
  const out = new JsonWriter();
  writeHistogram(out, histogram);
  const body = `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,${out.toBuffer()}]}]}}`;
  const [answered] = parseQueryAnswer(body, 10).series[0]?.histograms ?? [];
  if (answered === undefined) throw new Error('BUG: no histogram was answered');
  return histogramOfAnswer(answered.histogram);
}

const populated = (histogram: FloatHistogram) =>
  allBuckets(histogram)
    .filter(({ count }) => count !== 0)
    .map(({ lower, upper, count }) => [expect.closeTo(lower, 9), expect.closeTo(upper, 9), count]);

describe('histogramOfAnswer', () => {
  it('finds the populated buckets again, and count and sum', () => {
    fc.assert(
      fc.property(real, (histogram) => {
        const given = toFloatHistogram(histogram);
        const found = throughJson(given);
        expect(found).toMatchObject({ count: given.count, sum: given.sum, resetHint: 'gauge' });
        const plain = allBuckets(found as FloatHistogram)
          .filter(({ count }) => count !== 0)
          .map(({ lower, upper, count }) => [lower, upper, count]);
        expect(plain).toEqual(populated(given));
      }),
      { numRuns: 500 },
    );
  });

  it.each([-4, -1, 0, 3, 8])('finds schema %d by two neighbours', (schema) => {
    const given: FloatHistogram = {
      resetHint: 'unknown',
      schema,
      zeroThreshold: 0.001,
      zeroCount: 2,
      count: 9,
      sum: 5,
      positiveSpans: [{ offset: 1, length: 2 }],
      positiveBuckets: Float64Array.of(3, 4),
      negativeSpans: [],
      negativeBuckets: new Float64Array(0),
      customValues: [],
    };
    expect(throughJson(given)).toEqual({ ...given, resetHint: 'gauge' });
  });

  it('takes other bounds for custom buckets, gaps as empty ones', () => {
    const answered = {
      count: 6,
      sum: 4,
      buckets: [
        [3, Number.NEGATIVE_INFINITY, 0.1, 1],
        [0, 0.5, 0.7, 2],
        [0, 0.7, Number.POSITIVE_INFINITY, 3],
      ],
    } as const;
    expect(histogramOfAnswer(answered)).toMatchObject({
      schema: CUSTOM_BUCKETS_SCHEMA,
      customValues: [0.1, 0.5, 0.7],
      positiveSpans: [
        { offset: 0, length: 1 },
        { offset: 1, length: 2 },
      ],
      positiveBuckets: Float64Array.of(1, 2, 3),
    });
  });

  it('gives nothing for buckets that overlap', () => {
    const buckets = [
      [0, 0.1, 0.5, 1],
      [0, 0.3, 0.7, 2],
    ] as const;
    expect(histogramOfAnswer({ count: 3, sum: 1, buckets })).toBeUndefined();
  });
});
