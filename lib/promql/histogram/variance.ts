import type { FloatHistogram } from '../float-histogram.ts';
import { usesCustomBuckets } from './bounds.ts';
import { allBuckets, type Bucket } from './bucket.ts';
import { KahanSum } from './kahan-sum.ts';

/**
 * The estimated variance of the observations: each is taken to lie at the geometric mean of its bucket's bounds, at the
 * arithmetic mean in custom buckets, at 0 in the zero bucket. NaN without observations.
 */
export function histogramVariance(histogram: FloatHistogram): number {
  const mean = histogram.sum / histogram.count;
  const custom = usesCustomBuckets(histogram);
  const variance = new KahanSum();
  for (const bucket of allBuckets(histogram)) {
    if (bucket.count === 0) continue;
    const delta = representative(bucket, custom) - mean;
    variance.add(bucket.count * delta * delta);
  }
  return variance.value / histogram.count;
}

function representative({ lower, upper }: Bucket, custom: boolean): number {
  if (custom) return (upper + lower) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  return Math.sign(upper) * Math.sqrt(upper * lower);
}
