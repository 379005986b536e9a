import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from '../model/histogram.ts';
import { MAX_SCHEMA } from '../promql/histogram/bounds.ts';
import { toFloatHistogram } from '../promql/histogram/convert.ts';

/**
 * A valid histogram in a resolution that we keep: of a finer schema than 8, buckets that fall together are added, as
 * Prometheus does when it takes one in.
 */
export function reduceHistogram(histogram: Histogram): Histogram {
  if (histogram.schema <= MAX_SCHEMA || histogram.schema === CUSTOM_BUCKETS_SCHEMA) return histogram;
  const { schema, positiveSpans, negativeSpans, positiveBuckets, negativeBuckets } = toFloatHistogram(histogram);
  const { isFloat } = histogram;
  return {
    ...histogram,
    schema,
    positiveSpans,
    negativeSpans,
    positiveCounts: isFloat ? [...positiveBuckets] : [],
    positiveDeltas: isFloat ? [] : deltas(positiveBuckets),
    negativeCounts: isFloat ? [...negativeBuckets] : [],
    negativeDeltas: isFloat ? [] : deltas(negativeBuckets),
  };
}

function deltas(counts: Float64Array): number[] {
  return Array.from(counts, (count, i) => count - (i === 0 ? 0 : (counts[i - 1] as number)));
}
