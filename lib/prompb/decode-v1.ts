import type { Histogram } from '../model/histogram.ts';
import type { Label } from '../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata } from '../model/metadata.ts';
import type { Exemplar, Sample } from '../model/sample.ts';
import { readHistogram } from './read-histogram.ts';
import { WireReader } from './wire-reader.ts';
import { DecodeError, type TimeSeries, type WriteRequest, WrongProtocolError } from './write-request.ts';

/** What one series costs in memory beside its parts, counted in elements. */
const SERIES_COST = 4;

/** Decodes `prometheus.WriteRequest`, the message of Remote-Write 1.0. */
export function decodeV1(bytes: Uint8Array): WriteRequest {
  return new WireReader(bytes, 'prometheus.WriteRequest').decode((wire) => {
    const timeseries: TimeSeries[] = [];
    const metadata: MetricMetadata[] = [];
    let isV2 = false;
    while (wire.next()) {
      if (wire.field === 1) timeseries.push(readTimeSeries(wire));
      else if (wire.field === 3) metadata.push(readMetadata(wire));
      else {
        isV2 ||= wire.field === 4 || wire.field === 5;
        wire.skip();
      }
    }
    if (bytes.length > 0 && timeseries.length + metadata.length === 0) throw nothingKnown(bytes.length, isV2);
    return { timeseries, metadata };
  });
}

function nothingKnown(size: number, isV2: boolean): DecodeError {
  return isV2
    ? new WrongProtocolError('cannot decode prometheus.WriteRequest: the body is an io.prometheus.write.v2.Request')
    : new DecodeError(`cannot decode prometheus.WriteRequest: none of the fields in its ${size} bytes is known`);
}

function readTimeSeries(wire: WireReader): TimeSeries {
  const outer = wire.enter('timeseries', SERIES_COST);
  const labels: Label[] = [];
  const samples: Sample[] = [];
  const exemplars: Exemplar[] = [];
  const histograms: Histogram[] = [];
  let defect: string | undefined;
  while (wire.next()) {
    switch (wire.field) {
      case 1: {
        const invalidTexts = wire.invalidTexts;
        labels.push(readLabel(wire));
        if (wire.invalidTexts > invalidTexts) defect ??= `label ${labels.length} is not valid UTF-8`;
        break;
      }
      case 2:
        samples.push(readSample(wire));
        break;
      case 3:
        exemplars.push(readExemplar(wire));
        break;
      case 4:
        histograms.push(readHistogram(wire));
        break;
      default:
        wire.skip();
    }
  }
  wire.leave(outer);
  const series = { labels, samples, histograms, exemplars };
  return defect === undefined ? series : { ...series, defect };
}

function readLabel(wire: WireReader): Label {
  const outer = wire.enter('labels');
  let name = '';
  let value = '';
  while (wire.next()) {
    if (wire.field === 1) name = wire.text('name');
    else if (wire.field === 2) value = wire.text('value');
    else wire.skip();
  }
  wire.leave(outer);
  return { name, value };
}

function readSample(wire: WireReader): Sample {
  const outer = wire.enter('samples');
  let value = 0;
  let timestamp = 0;
  while (wire.next()) {
    if (wire.field === 1) value = wire.double('value');
    else if (wire.field === 2) timestamp = wire.int64('timestamp');
    else wire.skip();
  }
  wire.leave(outer);
  return { timestamp, value };
}

function readExemplar(wire: WireReader): Exemplar {
  const outer = wire.enter('exemplars');
  const labels: Label[] = [];
  let value = 0;
  let timestamp = 0;
  while (wire.next()) {
    if (wire.field === 1) labels.push(readLabel(wire));
    else if (wire.field === 2) value = wire.double('value');
    else if (wire.field === 3) timestamp = wire.int64('timestamp');
    else wire.skip();
  }
  wire.leave(outer);
  return { labels, value, timestamp };
}

function readMetadata(wire: WireReader): MetricMetadata {
  const outer = wire.enter('metadata');
  let type = 0;
  let metricFamilyName = '';
  let help = '';
  let unit = '';
  while (wire.next()) {
    if (wire.field === 1) type = wire.uint32('type');
    else if (wire.field === 2) metricFamilyName = wire.text('metric_family_name');
    else if (wire.field === 4) help = wire.text('help');
    else if (wire.field === 5) unit = wire.text('unit');
    else wire.skip();
  }
  wire.leave(outer);
  return { metricFamilyName, type: METRIC_TYPES[type] ?? 'unknown', help, unit };
}
