import { Writer } from 'protobufjs/minimal.js';
import { type Label, METRIC_NAME } from '../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata } from '../model/metadata.ts';
import { DELIMITED, delimited, VARINT, writeDouble, writeInt64 } from './write-field.ts';
import { writeHistogram } from './write-histogram.ts';
import type { TimeSeries, WriteRequest } from './write-request.ts';

/** Encodes `io.prometheus.write.v2.Request` (2.0-rc.4): the symbol table first, then the series that refer to it. */
export function encodeV2(request: WriteRequest): Uint8Array {
  const symbols = new SymbolTable();
  const series = new Writer();
  for (const timeSeries of request.timeseries) writeTimeSeries(series, timeSeries, symbols);
  for (const metadata of request.metadata) writeTimeSeries(series, familyAsSeries(metadata), symbols);
  const writer = new Writer();
  for (const text of symbols.texts) writer.uint32((4 << 3) | DELIMITED).string(text);
  return writer.raw(series.finish()).finish();
}

/** Gives each text a number; 0 is the empty one. */
class SymbolTable {
  readonly #refs = new Map<string, number>([['', 0]]);

  get texts(): Iterable<string> {
    return this.#refs.keys();
  }

  ref(text: string): number {
    const known = this.#refs.get(text);
    if (known !== undefined) return known;
    const ref = this.#refs.size;
    this.#refs.set(text, ref);
    return ref;
  }

  refs(labels: readonly Label[]): number[] {
    const refs: number[] = [];
    for (const { name, value } of labels) refs.push(this.ref(name), this.ref(value));
    return refs;
  }
}

function familyAsSeries({ metricFamilyName, ...metadata }: MetricMetadata): TimeSeries {
  const labels = [{ name: METRIC_NAME, value: metricFamilyName }];
  return { labels, samples: [], histograms: [], exemplars: [], metadata };
}

function writeTimeSeries(writer: Writer, series: TimeSeries, symbols: SymbolTable): void {
  delimited(writer, 5, () => {
    writeRefs(writer, series.labels, symbols);
    for (const { value, timestamp, startTimestamp } of series.samples) {
      delimited(writer, 2, () => {
        writeDouble(writer, 1, value);
        writeInt64(writer, 2, timestamp);
        writeInt64(writer, 3, startTimestamp ?? 0);
      });
    }
    for (const histogram of series.histograms) delimited(writer, 3, () => writeHistogram(writer, histogram));
    for (const { labels, value, timestamp } of series.exemplars) {
      delimited(writer, 4, () => {
        writeRefs(writer, labels, symbols);
        writeDouble(writer, 2, value);
        writeInt64(writer, 3, timestamp);
      });
    }
    if (series.metadata !== undefined) writeMetadata(writer, series.metadata, symbols);
  });
}

function writeRefs(writer: Writer, labels: readonly Label[], symbols: SymbolTable): void {
  if (labels.length > 0) writer.uint32((1 << 3) | DELIMITED).uint32s(symbols.refs(labels));
}

function writeMetadata(writer: Writer, metadata: Omit<MetricMetadata, 'metricFamilyName'>, symbols: SymbolTable): void {
  delimited(writer, 5, () => {
    const fields: readonly (readonly [number, number])[] = [
      [1, METRIC_TYPES.indexOf(metadata.type)],
      [3, symbols.ref(metadata.help)],
      [4, symbols.ref(metadata.unit)],
    ];
    for (const [field, value] of fields) if (value > 0) writer.uint32((field << 3) | VARINT).uint32(value);
  });
}
