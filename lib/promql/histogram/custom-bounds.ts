import type { FloatHistogram } from '../float-histogram.ts';
import { type BucketSide, positiveSide } from './bucket-side.ts';

/** The bounds that two lists have in common. Both are ascending. */
export function intersectBounds(a: readonly number[], b: readonly number[]): number[] {
  const bounds: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const x = a[i] ?? 0;
    const y = b[j] ?? 0;
    if (x === y) bounds.push(x);
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return bounds;
}

/**
 * For each bucket under `bounds` the bucket under `coarser` (a subset of `bounds`) that holds it. The bucket above the
 * last bound maps to the one above the last coarser bound.
 */
export function boundMapping(bounds: readonly number[], coarser: readonly number[]): number[] {
  const mapping: number[] = [];
  let target = 0;
  for (let i = 0; i <= bounds.length; i++) {
    const bound = bounds[i] ?? Number.POSITIVE_INFINITY;
    while (target < coarser.length && (coarser[target] ?? 0) < bound) target++;
    mapping.push(target);
  }
  return mapping;
}

/** The counts of a custom-bucket histogram under bounds that are a subset of its own; empty buckets are left out. */
export function rebucket(histogram: FloatHistogram, coarser: readonly number[]): BucketSide {
  const mapping = boundMapping(histogram.customValues, coarser);
  const totals = new Float64Array(coarser.length + 1);
  const { indexes, counts } = positiveSide(histogram);
  for (let i = 0; i < indexes.length; i++) {
    const target = mapping[indexes[i] ?? 0] ?? coarser.length;
    totals[target] = (totals[target] ?? 0) + (counts[i] ?? 0);
  }
  const populated = [...totals.keys()].filter((i) => totals[i] !== 0);
  return { indexes: populated, counts: Float64Array.from(populated, (i) => totals[i] ?? 0) };
}
