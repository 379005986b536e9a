import type { ResetHint } from '../../model/histogram.ts';
import type { FloatHistogram } from '../float-histogram.ts';
import { usesCustomBuckets } from './bounds.ts';
import { allBuckets, type Bucket } from './bucket.ts';
import { type BucketSide, negativeSide, positiveSide } from './bucket-side.ts';
import { compactHistogram } from './compact.ts';
import { formatFloat } from './format-float.ts';

const HINT_WORDS: Readonly<Record<ResetHint, string>> = {
  unknown: '',
  yes: 'counter_reset_hint:reset',
  no: 'counter_reset_hint:not_reset',
  gauge: 'counter_reset_hint:gauge',
};

/** A histogram as people read it: `{count:4, sum:5, [-0.001,0.001]:1, (1,2]:3}`, populated buckets only. */
export function histogramToString(histogram: FloatHistogram): string {
  const buckets = allBuckets(histogram).filter((bucket) => bucket.count !== 0);
  const head = [`count:${formatFloat(histogram.count)}`, `sum:${formatFloat(histogram.sum)}`];
  return `{${[...head, ...buckets.map(bucketToString)].join(', ')}}`;
}

/** A histogram as Prometheus's test scripts write it: `{{schema:1 count:4 sum:5 buckets:[1 2 1]}}`. */
export function histogramToScript(histogram: FloatHistogram): string {
  const number = (name: string, value: number) => (value === 0 ? '' : `${name}:${formatFloat(value)}`);
  const compact = compactHistogram(histogram);
  const bounds = compact.customValues.map(formatFloat).join(' ');
  const parts = [
    number('schema', compact.schema),
    number('count', compact.count),
    number('sum', compact.sum),
    number('z_bucket', compact.zeroCount),
    number('z_bucket_w', compact.zeroThreshold),
    usesCustomBuckets(compact) ? `custom_values:[${bounds}]` : '',
    HINT_WORDS[compact.resetHint],
    ...sideToScript('', positiveSide(compact)),
    ...sideToScript('n_', negativeSide(compact)),
  ];
  return `{{${parts.filter((part) => part !== '').join(' ')}}}`;
}

/** One run from the first to the last populated bucket, gaps as zeros. */
function sideToScript(prefix: string, { indexes, counts }: BucketSide): string[] {
  const first = indexes[0];
  const last = indexes.at(-1);
  if (first === undefined || last === undefined) return [];
  const run = new Array<number>(last - first + 1).fill(0);
  for (const [i, index] of indexes.entries()) run[index - first] = counts[i] ?? 0;
  return [first === 0 ? '' : `${prefix}offset:${first}`, `${prefix}buckets:[${run.map(formatFloat).join(' ')}]`];
}

function bucketToString({ lower, upper, lowerInclusive, upperInclusive, count }: Bucket): string {
  const bounds = `${formatFloat(lower)},${formatFloat(upper)}`;
  return `${lowerInclusive ? '[' : '('}${bounds}${upperInclusive ? ']' : ')'}:${formatFloat(count)}`;
}
