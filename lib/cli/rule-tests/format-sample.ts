import type { Labels } from '../../model/labels.ts';
import { isStaleNaN } from '../../model/stale-marker.ts';
import type { FloatHistogram } from '../../promql/float-histogram.ts';
import type { SequenceValue } from '../../promql/notation/sequence-value.ts';

/** `{__name__="up", job="a"} 1E+00`, as promtool writes a sample. */
export function formatSample(labels: Labels, value: string): string {
  const pairs = [...labels].map((label) => `${label.name}=${JSON.stringify(label.value)}`);
  return `{${pairs.join(', ')}} ${value}`;
}

/** A value as series lines spell it. */
export function formatSequenceValue(value: SequenceValue): string {
  if (value.kind === 'omitted') return '_';
  if (value.kind === 'histogram') return formatHistogram(value.histogram);
  return isStaleNaN(value.value) ? 'stale' : formatScientific(value.value);
}

/** Go's format E with the shortest precision. */
function formatScientific(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text = Object.is(value, -0) ? '-0e+0' : value.toExponential();
  return text.replace(/e([+-])(\d)$/, 'e$10$2').replace('e', 'E');
}

function formatHistogram(histogram: FloatHistogram): string {
  const { schema, count, sum, zeroCount, zeroThreshold, customValues, resetHint } = histogram;
  const fields = [
    `schema:${schema}`,
    `count:${count}`,
    `sum:${sum}`,
    ...(zeroCount === 0 && zeroThreshold === 0 ? [] : [`z_bucket:${zeroCount}`, `z_bucket_w:${zeroThreshold}`]),
    ...(customValues.length === 0 ? [] : [`custom_values:[${customValues.join(' ')}]`]),
    ...(resetHint === 'unknown' ? [] : [`counter_reset_hint:${HINT_NAMES[resetHint]}`]),
    ...bucketFields('', histogram.positiveSpans, histogram.positiveBuckets),
    ...bucketFields('n_', histogram.negativeSpans, histogram.negativeBuckets),
  ];
  return `{{${fields.join(' ')}}}`;
}

const HINT_NAMES = { yes: 'reset', no: 'not_reset', gauge: 'gauge' } as const;

/** One run of buckets from the first on, gaps filled with zeros. */
function bucketFields(prefix: string, spans: FloatHistogram['positiveSpans'], counts: Float64Array): string[] {
  const [first, ...rest] = spans;
  if (first === undefined || counts.length === 0) return [];
  const buckets: number[] = [...counts.subarray(0, first.length)];
  let used = first.length;
  for (const { offset, length } of rest) {
    buckets.push(...new Array<number>(offset).fill(0), ...counts.subarray(used, used + length));
    used += length;
  }
  const offset = first.offset === 0 ? [] : [`${prefix}offset:${first.offset}`];
  return [...offset, `${prefix}buckets:[${buckets.join(' ')}]`];
}
