import type { Label } from '../../model/labels.ts';
import type { PageExemplar } from '../page-parser.ts';
import type { MessageReader } from './message-reader.ts';
import { readExemplar, readLabelPair, readTimestamp } from './read-exemplar.ts';
import { type FamilyHistogram, readFamilyHistogram } from './read-family-histogram.ts';

/** One `Metric` of a family: its labels and the one value that its family's type asks for. */
export interface FamilyMetric {
  readonly labels: Label[];
  readonly timestamp: number | undefined;
  readonly gauge: number | undefined;
  readonly untyped: number | undefined;
  readonly counter: FamilyCounter | undefined;
  readonly summary: FamilySummary | undefined;
  readonly histogram: FamilyHistogram | undefined;
}

export interface FamilyCounter {
  readonly value: number;
  readonly exemplar: PageExemplar | undefined;
  readonly startTimestamp: number | undefined;
}

export interface FamilySummary {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
  readonly startTimestamp: number | undefined;
}

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/** Reads the fields of the `Metric` that the cursor is in. */
export function readMetric(wire: MessageReader): FamilyMetric {
  const metric: Draft<FamilyMetric> = {
    labels: [],
    timestamp: undefined,
    gauge: undefined,
    untyped: undefined,
    counter: undefined,
    summary: undefined,
    histogram: undefined,
  };
  while (wire.next()) readField(wire, metric);
  return metric;
}

function readField(wire: MessageReader, metric: Draft<FamilyMetric>): void {
  switch (wire.field) {
    case 1:
      metric.labels.push(readLabelPair(wire));
      break;
    case 2:
      metric.gauge = readValue(wire, 'gauge');
      break;
    case 3:
      metric.counter = readCounter(wire);
      break;
    case 4:
      metric.summary = readSummary(wire);
      break;
    case 5:
      metric.untyped = readValue(wire, 'untyped');
      break;
    case 6:
      // Absent and zero are the same to Prometheus: the time is the reader's to choose.
      metric.timestamp = wire.int64('timestamp_ms') || undefined;
      break;
    case 7:
      metric.histogram = readFamilyHistogram(wire);
      break;
    default:
      wire.skip();
  }
}

function readValue(wire: MessageReader, name: string): number {
  let value = 0;
  wire.message(name, () => {
    if (wire.field === 1) value = wire.double('value');
    else wire.skip();
  });
  return value;
}

function readCounter(wire: MessageReader): FamilyCounter {
  const counter: Draft<FamilyCounter> = { value: 0, exemplar: undefined, startTimestamp: undefined };
  wire.message('counter', () => {
    if (wire.field === 1) counter.value = wire.double('value');
    else if (wire.field === 2) counter.exemplar = readExemplar(wire);
    else if (wire.field === 3) counter.startTimestamp = readTimestamp(wire, 'created_timestamp');
    else wire.skip();
  });
  return counter;
}

function readSummary(wire: MessageReader): FamilySummary {
  const quantiles: { quantile: number; value: number }[] = [];
  const summary: Draft<FamilySummary> = { count: 0, sum: 0, quantiles, startTimestamp: undefined };
  wire.message('summary', () => {
    if (wire.field === 1) summary.count = wire.uint64('sample_count');
    else if (wire.field === 2) summary.sum = wire.double('sample_sum');
    else if (wire.field === 3) quantiles.push(readQuantile(wire));
    else if (wire.field === 4) summary.startTimestamp = readTimestamp(wire, 'created_timestamp');
    else wire.skip();
  });
  return summary;
}

function readQuantile(wire: MessageReader): { quantile: number; value: number } {
  const read = { quantile: 0, value: 0 };
  wire.message('quantile', () => {
    if (wire.field === 1) read.quantile = wire.double('quantile');
    else if (wire.field === 2) read.value = wire.double('value');
    else wire.skip();
  });
  return read;
}
