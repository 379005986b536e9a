import type { FloatHistogram } from '../float-histogram.ts';
import { usesCustomBuckets } from './bounds.ts';
import { type BucketSide, negativeSide, positiveSide } from './bucket-side.ts';
import { intersectBounds, rebucket } from './custom-bounds.ts';
import { sameNumbers } from './equals.ts';
import { reduceResolution } from './resolution.ts';
import { widenZeroBucket } from './zero-bucket.ts';

/**
 * Whether a counter reset lies between `previous` and `current`: the hint where it says so, else any count that went
 * down, a resolution that rose or a zero bucket that shrank. The sum is not looked at.
 */
export function detectReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.resetHint === 'yes') return true;
  if (current.resetHint === 'no') return false;
  if (current.count < previous.count) return true;
  if (usesCustomBuckets(current) !== usesCustomBuckets(previous)) return true;
  return usesCustomBuckets(current) ? customReset(current, previous) : exponentialReset(current, previous);
}

function customReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (sameNumbers(current.customValues, previous.customValues)) {
    return bucketFell(positiveSide(current), positiveSide(previous));
  }
  const common = intersectBounds(current.customValues, previous.customValues);
  return bucketFell(rebucket(current, common), rebucket(previous, common));
}

function exponentialReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  const widened = widenZeroBucket(previous, current.zeroThreshold);
  // A threshold inside a populated bucket of the previous histogram can only come with a new start.
  if (widened.zeroThreshold !== current.zeroThreshold || current.zeroCount < widened.zeroCount) return true;
  const before = reduceResolution(widened, current.schema);
  return (
    bucketFell(positiveSide(current), positiveSide(before)) || bucketFell(negativeSide(current), negativeSide(before))
  );
}

/** Whether any bucket of `previous` counts more than the same bucket of `current`, which may be missing. */
function bucketFell(current: BucketSide, previous: BucketSide): boolean {
  let j = 0;
  for (let i = 0; i < previous.indexes.length; i++) {
    const index = previous.indexes[i] ?? 0;
    while (j < current.indexes.length && (current.indexes[j] ?? 0) < index) j++;
    const count = current.indexes[j] === index ? (current.counts[j] ?? 0) : 0;
    if (count < (previous.counts[i] ?? 0)) return true;
  }
  return false;
}
