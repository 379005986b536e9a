import type { MetricType } from '../../model/metadata.ts';
import type { MessageReader } from './message-reader.ts';

/** In the order of `io.prometheus.client.MetricType`. */
const FAMILY_TYPES = ['counter', 'gauge', 'summary', 'unknown', 'histogram', 'gaugehistogram'] as const;
export type FamilyType = MetricType & (typeof FAMILY_TYPES)[number];

/** A `MetricFamily` but for its metrics, of which it says where they are. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  readonly unit: string;
  /** Where each `Metric` message begins, at its length. */
  readonly metrics: readonly number[];
}

/** Reads the fields of the `MetricFamily` that the cursor is in; the metrics are left for later. */
export function readFamily(wire: MessageReader): Family {
  const metrics: number[] = [];
  const family = { name: '', help: '', type: 'counter' as FamilyType, unit: '', metrics };
  while (wire.next()) {
    if (wire.field === 1) family.name = wire.text('name');
    else if (wire.field === 2) family.help = wire.text('help');
    else if (wire.field === 3) family.type = readType(wire);
    else if (wire.field === 4) metrics.push(findMetric(wire));
    else if (wire.field === 5) family.unit = wire.text('unit');
    else wire.skip();
  }
  if (family.name === '') throw wire.fault('the family has no name');
  return family;
}

/** Bytes of one metric, which is held unfolded: far more than the labels and buckets of an honest one. */
const MAX_METRIC_BYTES = 1024 * 1024;

function findMetric(wire: MessageReader): number {
  const start = wire.postpone('metric');
  const size = wire.position - start;
  if (size > MAX_METRIC_BYTES) throw wire.fault(`a metric has ${size} bytes, more than ${MAX_METRIC_BYTES}`);
  return start;
}

function readType(wire: MessageReader): FamilyType {
  const number = wire.uint32('type');
  const type = FAMILY_TYPES[number];
  if (type === undefined) throw wire.fault(`the family has type ${number}, which is none of 0 to 5`);
  return type;
}
