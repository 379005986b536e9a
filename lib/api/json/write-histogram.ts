import { formatFloat } from '../../model/format-float.ts';
import type { FloatHistogram } from '../../promql/float-histogram.ts';
import { allBuckets, type Bucket } from '../../promql/histogram/bucket.ts';
import type { JsonWriter } from './json-writer.ts';

/**
 * `{"count":"5","sum":"1.5","buckets":[[0,"0.5","1","2"],…]}`: buckets that count something, upwards, each with the rule
 * of its bounds, lower and upper bound and count. Without any such bucket there is no `buckets`.
 */
export function writeHistogram(out: JsonWriter, histogram: FloatHistogram): void {
  const buckets = allBuckets(histogram).filter((bucket) => bucket.count !== 0);
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.map(bucketText).join(',')}]`;
  out.write(`{"count":"${formatFloat(histogram.count)}","sum":"${formatFloat(histogram.sum)}"${list}}`);
}

function bucketText(bucket: Bucket): string {
  const { lower, upper, count } = bucket;
  return `[${boundaryRule(bucket)},"${formatFloat(lower)}","${formatFloat(upper)}","${formatFloat(count)}"]`;
}

/** 0: (lower, upper], 1: [lower, upper), 2: (lower, upper), 3: [lower, upper]. */
function boundaryRule({ lowerInclusive, upperInclusive }: Bucket): number {
  if (lowerInclusive) return upperInclusive ? 3 : 1;
  return upperInclusive ? 0 : 2;
}
