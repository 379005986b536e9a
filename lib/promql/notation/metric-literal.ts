import { type Label, Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Cursor } from './cursor.ts';
import { readQuotedString } from './quoted-string.ts';

/** Reads `name{label="value", …}`, `{label="value"}`, `name`, or the UTF-8 form `{"name", "label"="value"}`. */
export function readMetric(cursor: Cursor): Labels {
  const labels: Label[] = [];
  const name = cursor.match(/[a-zA-Z_:][a-zA-Z0-9_:]*/);
  if (name !== undefined) labels.push({ name: METRIC_NAME, value: name });
  cursor.match(/[ \t]*(?=\{[^{])/);
  const braces = !cursor.rest.startsWith('{{') && cursor.take('{');
  if (name === undefined && !braces) throw cursor.error('expected a metric');
  if (braces) readLabels(cursor, labels);
  const repeated = labels.find((label, i) => labels.findIndex((other) => other.name === label.name) !== i);
  if (repeated !== undefined) throw cursor.error(`label ${repeated.name} is given twice`);
  return Labels.from(labels);
}

function readLabels(cursor: Cursor, labels: Label[]): void {
  cursor.skipSpace();
  while (!cursor.take('}')) {
    labels.push(readLabel(cursor));
    cursor.skipSpace();
    if (!cursor.take(',') && !cursor.rest.startsWith('}')) throw cursor.error('expected , or }');
    cursor.skipSpace();
  }
}

function readLabel(cursor: Cursor): Label {
  const plain = cursor.match(/[a-zA-Z_][a-zA-Z0-9_]*/);
  const name = plain ?? readQuotedString(cursor);
  cursor.skipSpace();
  if (!cursor.take('=')) {
    if (plain !== undefined) throw cursor.error(`expected = after label ${name}`);
    return { name: METRIC_NAME, value: name };
  }
  cursor.skipSpace();
  return { name, value: readQuotedString(cursor) };
}
