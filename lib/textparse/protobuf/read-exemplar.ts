import type { Label } from '../../model/labels.ts';
import type { PageExemplar } from '../page-parser.ts';
import type { MessageReader } from './message-reader.ts';

/** Reads the `Exemplar` that the cursor stands before. */
export function readExemplar(wire: MessageReader): PageExemplar {
  const labels: Label[] = [];
  let value = 0;
  let timestamp: number | undefined;
  wire.message('exemplar', () => {
    if (wire.field === 1) labels.push(readLabelPair(wire));
    else if (wire.field === 2) value = wire.double('value');
    else if (wire.field === 3) timestamp = readTimestamp(wire, 'timestamp');
    else wire.skip();
  });
  return { labels, value, timestamp };
}

export function readLabelPair(wire: MessageReader): Label {
  let name = '';
  let value = '';
  wire.message('label', () => {
    if (wire.field === 1) name = wire.text('name');
    else if (wire.field === 2) value = wire.text('value');
    else wire.skip();
  });
  if (name === '') throw wire.fault('a label has no name');
  return { name, value };
}

/** A `google.protobuf.Timestamp` in ms; the nanoseconds below are cut off, as Prometheus does. */
export function readTimestamp(wire: MessageReader, name: string): number {
  let seconds = 0;
  let nanos = 0;
  wire.message(name, () => {
    if (wire.field === 1) seconds = wire.int64('seconds');
    else if (wire.field === 2) nanos = wire.int32('nanos');
    else wire.skip();
  });
  const milliseconds = seconds * 1000 + Math.floor(nanos / 1e6);
  if (!Number.isSafeInteger(milliseconds)) throw wire.fault(`${name} of ${seconds} s is out of range`);
  return milliseconds;
}
