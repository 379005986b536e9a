import { Writer } from 'protobufjs/minimal.js';
import type { Span } from '../../model/histogram.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { DELIMITED, delimited, FIXED64, VARINT, writeFloat64, writeText } from '../../prompb/write-field.ts';
import type { FloatHistogram } from '../../promql/float-histogram.ts';
import { usesCustomBuckets } from '../../promql/histogram/bounds.ts';
import { positiveSide } from '../../promql/histogram/bucket-side.ts';
import { type Escaping, escapeName } from './escape-name.ts';
import type { FederatedSample } from './federated-sample.ts';

/** Numbers of `io.prometheus.client.MetricType`. */
const UNTYPED = 3;
const HISTOGRAM = 4;
const GAUGE_HISTOGRAM = 5;

/**
 * Samples as delimited messages `io.prometheus.client.MetricFamily`, in the form of Prometheus's own `/federate`: floats
 * are untyped, histograms are float histograms, and those with custom buckets are classic ones. Samples must come grouped
 * by metric name, and each must have one; a name with samples of several kinds gets a family for each run of one kind.
 */
export function encodeFamilies(samples: readonly FederatedSample[], escaping: Escaping): Buffer {
  const writer = Writer.create();
  for (let begin = 0, end = 0; begin < samples.length; begin = end) {
    const family = familyOf(samples[begin] as FederatedSample);
    while (end < samples.length && isSame(family, familyOf(samples[end] as FederatedSample))) end++;
    writer.fork();
    writeText(writer, 1, escapeName(family.name, escaping));
    writer.uint32((3 << 3) | VARINT).uint32(family.type);
    for (const sample of samples.slice(begin, end)) delimited(writer, 4, () => writeMetric(writer, sample, escaping));
    writer.ldelim();
  }
  return Buffer.from(writer.finish());
}

interface Family {
  readonly name: string;
  readonly type: number;
}

function familyOf({ labels, value }: FederatedSample): Family {
  const name = labels.metricName;
  if (typeof value === 'number') return { name, type: UNTYPED };
  return { name, type: value.resetHint === 'gauge' ? GAUGE_HISTOGRAM : HISTOGRAM };
}

function isSame(a: Family, b: Family): boolean {
  return a.name === b.name && a.type === b.type;
}

function writeMetric(writer: Writer, { labels, timestamp, value }: FederatedSample, escaping: Escaping): void {
  for (const [name, text] of labelPairs(labels, escaping)) {
    delimited(writer, 1, () => {
      writeText(writer, 1, name);
      writeText(writer, 2, text);
    });
  }
  if (typeof value === 'number') delimited(writer, 5, () => writeNumber(writer, 1, value));
  writer.uint32((6 << 3) | VARINT).int64(timestamp);
  if (typeof value !== 'number') delimited(writer, 7, () => writeHistogram(writer, value));
}

/** A series without `instance` gets an empty one: else the scraper would write the address it scraped into it. */
function labelPairs(labels: Labels, escaping: Escaping): [name: string, value: string][] {
  const pairs = [...labels]
    .filter(({ name }) => name !== METRIC_NAME)
    .map(({ name, value }): [string, string] => [escapeName(name, escaping), value]);
  return labels.has('instance') ? pairs : [...pairs, ['instance', '']];
}

function writeHistogram(writer: Writer, histogram: FloatHistogram): void {
  writeNumber(writer, 2, histogram.sum);
  writeNumber(writer, 4, histogram.count);
  if (usesCustomBuckets(histogram)) {
    writeClassicBuckets(writer, histogram);
    return;
  }
  writer.uint32((5 << 3) | VARINT).sint32(histogram.schema);
  writeNumber(writer, 6, histogram.zeroThreshold);
  writeNumber(writer, 8, histogram.zeroCount);
  const { positiveSpans, negativeSpans } = histogram;
  const isEmpty = positiveSpans.length + negativeSpans.length === 0 && histogram.zeroThreshold === 0;
  writeSide(writer, 9, negativeSpans, histogram.negativeBuckets);
  // A span without buckets says that this is a native histogram where nothing else does.
  writeSide(writer, 12, isEmpty ? [{ offset: 0, length: 0 }] : positiveSpans, histogram.positiveBuckets);
}

/** `first`: the field of the spans; that of absolute float counts is two further. */
function writeSide(writer: Writer, first: number, spans: readonly Span[], counts: Float64Array): void {
  for (const { offset, length } of spans) {
    delimited(writer, first, () => {
      writer.uint32((1 << 3) | VARINT).sint32(offset);
      writer.uint32((2 << 3) | VARINT).uint32(length);
    });
  }
  if (counts.length === 0) return;
  writer.uint32(((first + 2) << 3) | DELIMITED).uint32(counts.length * 8);
  for (const count of counts) writeFloat64(writer, count);
}

/** Every bound with the observations up to it, and the infinite one. */
function writeClassicBuckets(writer: Writer, histogram: FloatHistogram): void {
  const { indexes, counts } = positiveSide(histogram);
  let [cumulative, next] = [0, 0];
  for (const [i, bound] of [...histogram.customValues, Number.POSITIVE_INFINITY].entries()) {
    if (indexes[next] === i) cumulative += counts[next++] ?? 0;
    delimited(writer, 3, () => {
      writeNumber(writer, 2, bound);
      writeNumber(writer, 4, cumulative);
    });
  }
}

/** Zeros are written too, as Prometheus does. */
function writeNumber(writer: Writer, field: number, value: number): void {
  writeFloat64(writer.uint32((field << 3) | FIXED64), value);
}
