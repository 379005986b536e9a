import type { FloatHistogram } from '../../promql/float-histogram.ts';
import { type Buckets, toSparse } from '../../promql/notation/sparse-histogram.ts';

/** Whether two histograms count the same; empty buckets do not matter, nor does the hint unless `hint` asks for it. */
export function sameHistogram(expected: FloatHistogram, got: FloatHistogram, hint: boolean): boolean {
  const [a, b] = [toSparse(expected), toSparse(got)];
  const fields = ['schema', 'count', 'sum', 'zeroThreshold', 'zeroCount'] as const;
  return (
    fields.every((name) => Object.is(a[name], b[name])) &&
    a.customValues.join() === b.customValues.join() &&
    sameBuckets(a.positive, b.positive) &&
    sameBuckets(a.negative, b.negative) &&
    (!hint || a.resetHint === b.resetHint)
  );
}

function sameBuckets(a: Buckets, b: Buckets): boolean {
  return [...new Set([...a.keys(), ...b.keys()])].every((index) => (a.get(index) ?? 0) === (b.get(index) ?? 0));
}
