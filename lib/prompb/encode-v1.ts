import { Writer } from 'protobufjs/minimal.js';
import { type Label, METRIC_NAME } from '../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata } from '../model/metadata.ts';
import { delimited, VARINT, writeDouble, writeInt64, writeText } from './write-field.ts';
import { writeHistogram } from './write-histogram.ts';
import type { TimeSeries, WriteRequest } from './write-request.ts';

/** Encodes `prometheus.WriteRequest`, the message of Remote-Write 1.0. */
export function encodeV1(request: WriteRequest): Uint8Array {
  const writer = new Writer();
  for (const series of request.timeseries) writeTimeSeries(writer, series);
  for (const metadata of [...request.metadata, ...seriesMetadata(request)]) writeMetadata(writer, metadata);
  return writer.finish();
}

function writeTimeSeries(writer: Writer, series: TimeSeries): void {
  delimited(writer, 1, () => {
    for (const label of series.labels) writeLabel(writer, label);
    for (const { value, timestamp } of series.samples) {
      delimited(writer, 2, () => {
        writeDouble(writer, 1, value);
        writeInt64(writer, 2, timestamp);
      });
    }
    for (const { labels, value, timestamp } of series.exemplars) {
      delimited(writer, 3, () => {
        for (const label of labels) writeLabel(writer, label);
        writeDouble(writer, 2, value);
        writeInt64(writer, 3, timestamp);
      });
    }
    for (const histogram of series.histograms) delimited(writer, 4, () => writeHistogram(writer, histogram));
  });
}

function writeLabel(writer: Writer, { name, value }: Label): void {
  delimited(writer, 1, () => {
    writeText(writer, 1, name);
    writeText(writer, 2, value);
  });
}

function writeMetadata(writer: Writer, metadata: MetricMetadata): void {
  delimited(writer, 3, () => {
    const type = METRIC_TYPES.indexOf(metadata.type);
    if (type > 0) writer.uint32((1 << 3) | VARINT).uint32(type);
    writeText(writer, 2, metadata.metricFamilyName);
    writeText(writer, 4, metadata.help);
    writeText(writer, 5, metadata.unit);
  });
}

/** Each family once, under the name of the first series that carries it. */
function seriesMetadata({ timeseries }: WriteRequest): MetricMetadata[] {
  const families = new Map<string, MetricMetadata>();
  for (const { labels, metadata } of timeseries) {
    if (metadata === undefined) continue;
    const metricFamilyName = labels.find(({ name }) => name === METRIC_NAME)?.value ?? '';
    if (!families.has(metricFamilyName)) families.set(metricFamilyName, { metricFamilyName, ...metadata });
  }
  return [...families.values()];
}
