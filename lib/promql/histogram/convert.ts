import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { MAX_SCHEMA } from './bounds.ts';
import { reduceResolution } from './resolution.ts';

/**
 * The engine's form of a histogram as it travels: bucket deltas become absolute counts. Resolutions finer than schema 8
 * are reduced to 8, as Prometheus does when it reads them.
 */
export function toFloatHistogram(histogram: Histogram): FloatHistogram {
  const float: FloatHistogram = {
    resetHint: histogram.resetHint,
    schema: histogram.schema,
    zeroThreshold: histogram.zeroThreshold,
    zeroCount: histogram.zeroCount,
    count: histogram.count,
    sum: histogram.sum,
    positiveSpans: histogram.positiveSpans,
    negativeSpans: histogram.negativeSpans,
    positiveBuckets: histogram.isFloat
      ? Float64Array.from(histogram.positiveCounts)
      : accumulate(histogram.positiveDeltas),
    negativeBuckets: histogram.isFloat
      ? Float64Array.from(histogram.negativeCounts)
      : accumulate(histogram.negativeDeltas),
    customValues: histogram.schema === CUSTOM_BUCKETS_SCHEMA ? histogram.customValues : [],
  };
  return float.schema > MAX_SCHEMA ? reduceResolution(float, MAX_SCHEMA) : float;
}

/** The travelling form of a computed histogram: a float histogram at `timestamp` (ms). */
export function toWireHistogram(histogram: FloatHistogram, timestamp: number): Histogram {
  return {
    timestamp,
    isFloat: true,
    schema: histogram.schema,
    count: histogram.count,
    sum: histogram.sum,
    zeroThreshold: histogram.zeroThreshold,
    zeroCount: histogram.zeroCount,
    resetHint: histogram.resetHint,
    positiveSpans: histogram.positiveSpans,
    positiveDeltas: [],
    positiveCounts: [...histogram.positiveBuckets],
    negativeSpans: histogram.negativeSpans,
    negativeDeltas: [],
    negativeCounts: [...histogram.negativeBuckets],
    customValues: histogram.customValues,
  };
}

function accumulate(deltas: readonly number[]): Float64Array {
  const counts = new Float64Array(deltas.length);
  let count = 0;
  for (let i = 0; i < deltas.length; i++) {
    count += deltas[i] ?? 0;
    counts[i] = count;
  }
  return counts;
}
