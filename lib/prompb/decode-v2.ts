import type { Histogram } from '../model/histogram.ts';
import type { Label } from '../model/labels.ts';
import { METRIC_TYPES } from '../model/metadata.ts';
import type { Exemplar, Sample } from '../model/sample.ts';
import { readHistogram } from './read-histogram.ts';
import { ReceivedSymbols, type ReceivedText } from './received-symbols.ts';
import { WireReader } from './wire-reader.ts';
import { type TimeSeries, type WriteRequest, WrongProtocolError } from './write-request.ts';

/** What one series costs in memory beside its parts, counted in elements. */
export const SERIES_COST = 4;

/**
 * Decodes `io.prometheus.write.v2.Request` (2.0-rc.4, and rc.3 with its start timestamp on the series). A series with a
 * bad reference is returned with its `defect`; the others stay usable.
 */
export function decodeV2(bytes: Uint8Array): WriteRequest {
  return new WireReader(bytes, 'io.prometheus.write.v2.Request').decode((wire) => {
    const { symbols, starts } = readTopLevel(wire, bytes.length);
    const timeseries = starts.map((start) => {
      wire.revisit(start);
      return readTimeSeries(wire, symbols);
    });
    return { timeseries, metadata: [] };
  });
}

/**
 * Decodes one series out of a message: the bytes of its field, with the tag, and the symbols of the whole.
 *
 * @throws DecodeError when the bytes are no such field; its byte offset is that in `field`.
 */
export function decodeSeriesV2(field: Uint8Array, symbols: ReceivedSymbols): TimeSeries {
  return new WireReader(field, 'io.prometheus.write.v2.Request').decode((wire) => {
    wire.next();
    return readTimeSeries(wire, symbols);
  });
}

/** Symbols may come after the series that refer to them, so series are only located here. */
function readTopLevel(wire: WireReader, size: number): { symbols: ReceivedSymbols; starts: number[] } {
  const texts: ReceivedText[] = [];
  const starts: number[] = [];
  while (wire.next()) {
    switch (wire.field) {
      case 4: {
        const invalidTexts = wire.invalidTexts;
        texts.push({ text: wire.text('symbols'), isUtf8: wire.invalidTexts === invalidTexts });
        break;
      }
      case 5:
        starts.push(wire.postpone('timeseries', SERIES_COST));
        break;
      case 1:
      case 3:
        // Reserved in 2.0 so that a 1.0 body can be told: there they are the series and the metadata.
        throw new WrongProtocolError(
          'cannot decode io.prometheus.write.v2.Request: the body is a prometheus.WriteRequest',
        );
      default:
        wire.skip();
    }
  }
  const [first] = texts;
  if (size > 0 && first === undefined && starts.length === 0) {
    throw wire.fault(`none of the fields in its ${size} bytes is known`);
  }
  if (first !== undefined && first.text !== '') {
    throw wire.fault(`symbols[0] is ${JSON.stringify(first.text.slice(0, 100))}, not the empty string it must be`);
  }
  return { symbols: new ReceivedSymbols(texts.length, (ref) => texts[ref] as ReceivedText), starts };
}

function readTimeSeries(wire: WireReader, symbols: ReceivedSymbols): TimeSeries {
  const outer = wire.enter('timeseries', 0);
  const refs: number[] = [];
  const samples: Sample[] = [];
  const histograms: Histogram[] = [];
  const exemplars: Exemplar[] = [];
  let metadata: TimeSeries['metadata'];
  let createdTimestamp = 0;
  symbols.takeDefect();
  while (wire.next()) {
    switch (wire.field) {
      case 1:
        wire.uint32s('labels_refs', refs);
        break;
      case 2:
        samples.push(readSample(wire));
        break;
      case 3:
        histograms.push(readHistogram(wire));
        break;
      case 4:
        exemplars.push(readExemplar(wire, symbols));
        break;
      case 5:
        metadata = readMetadata(wire, symbols);
        break;
      case 6:
        createdTimestamp = wire.int64('created_timestamp');
        break;
      default:
        wire.skip();
    }
  }
  wire.leave(outer);
  const labels = symbols.labels(refs, 'labels_refs');
  const defect = symbols.takeDefect();
  return {
    labels,
    samples: startedAt(createdTimestamp, samples),
    histograms: startedAt(createdTimestamp, histograms),
    exemplars,
    ...(metadata === undefined ? {} : { metadata }),
    ...(defect === undefined ? {} : { defect }),
  };
}

/** Until rc.3 (Prometheus 3.0 to 3.7) the start timestamp was a field of the series; a sample's own one wins. */
function startedAt<T extends Sample | Histogram>(createdTimestamp: number, points: T[]): T[] {
  if (createdTimestamp === 0) return points;
  return points.map((point) =>
    point.startTimestamp === undefined ? { ...point, startTimestamp: createdTimestamp } : point,
  );
}

function readSample(wire: WireReader): Sample {
  const outer = wire.enter('samples');
  let value = 0;
  let timestamp = 0;
  let startTimestamp = 0;
  while (wire.next()) {
    if (wire.field === 1) value = wire.double('value');
    else if (wire.field === 2) timestamp = wire.int64('timestamp');
    else if (wire.field === 3) startTimestamp = wire.int64('start_timestamp');
    else wire.skip();
  }
  wire.leave(outer);
  return startTimestamp === 0 ? { timestamp, value } : { timestamp, value, startTimestamp };
}

function readExemplar(wire: WireReader, symbols: ReceivedSymbols): Exemplar {
  const outer = wire.enter('exemplars');
  const refs: number[] = [];
  let value = 0;
  let timestamp = 0;
  while (wire.next()) {
    if (wire.field === 1) wire.uint32s('labels_refs', refs);
    else if (wire.field === 2) value = wire.double('value');
    else if (wire.field === 3) timestamp = wire.int64('timestamp');
    else wire.skip();
  }
  wire.leave(outer);
  const labels: Label[] = symbols.labels(refs, 'exemplars.labels_refs');
  return { labels, value, timestamp };
}

/** Undefined where the sender knows nothing: Prometheus then sends the message with type 0 and empty texts. */
function readMetadata(wire: WireReader, symbols: ReceivedSymbols): TimeSeries['metadata'] {
  const outer = wire.enter('metadata');
  let type = 0;
  let helpRef = 0;
  let unitRef = 0;
  while (wire.next()) {
    if (wire.field === 1) type = wire.uint32('type');
    else if (wire.field === 3) helpRef = wire.uint32('help_ref');
    else if (wire.field === 4) unitRef = wire.uint32('unit_ref');
    else wire.skip();
  }
  wire.leave(outer);
  const help = helpRef === 0 ? '' : symbols.text(helpRef, 'metadata.help_ref');
  const unit = unitRef === 0 ? '' : symbols.text(unitRef, 'metadata.unit_ref');
  if (type === 0 && help === '' && unit === '') return undefined;
  return { type: METRIC_TYPES[type] ?? 'unknown', help, unit };
}
