import type { Writer } from 'protobufjs/minimal.js';
import { type Histogram, RESET_HINTS, type Span } from '../model/histogram.ts';
import { DELIMITED, delimited, FIXED64, VARINT, writeDouble, writeFloat64, writeInt64 } from './write-field.ts';

/** Writes the fields of a `Histogram` message, the same in both protocols. */
export function writeHistogram(writer: Writer, histogram: Histogram): void {
  writeCount(writer, histogram.isFloat ? 2 : 1, histogram.count, histogram.isFloat);
  writeDouble(writer, 3, histogram.sum);
  if (histogram.schema !== 0) writer.uint32((4 << 3) | VARINT).sint32(histogram.schema);
  writeDouble(writer, 5, histogram.zeroThreshold);
  writeCount(writer, histogram.isFloat ? 7 : 6, histogram.zeroCount, histogram.isFloat);
  writeSpans(writer, 8, histogram.negativeSpans);
  if (histogram.negativeDeltas.length > 0) writeDeltas(writer, 9, histogram.negativeDeltas);
  if (histogram.negativeCounts.length > 0) writeDoubles(writer, 10, histogram.negativeCounts);
  writeSpans(writer, 11, histogram.positiveSpans);
  if (histogram.positiveDeltas.length > 0) writeDeltas(writer, 12, histogram.positiveDeltas);
  if (histogram.positiveCounts.length > 0) writeDoubles(writer, 13, histogram.positiveCounts);
  const hint = RESET_HINTS.indexOf(histogram.resetHint);
  if (hint > 0) writer.uint32((14 << 3) | VARINT).uint32(hint);
  writeInt64(writer, 15, histogram.timestamp);
  if (histogram.customValues.length > 0) writeDoubles(writer, 16, histogram.customValues);
  writeInt64(writer, 17, histogram.startTimestamp ?? 0);
}

/** Counts are members of a oneof: written even when zero, for which of the two is there says what the histogram is. */
function writeCount(writer: Writer, field: number, count: number, isFloat: boolean): void {
  if (isFloat) writeFloat64(writer.uint32((field << 3) | FIXED64), count);
  else writer.uint32((field << 3) | VARINT).uint64(count);
}

function writeSpans(writer: Writer, field: number, spans: readonly Span[]): void {
  for (const { offset, length } of spans) {
    delimited(writer, field, () => {
      if (offset !== 0) writer.uint32((1 << 3) | VARINT).sint32(offset);
      if (length !== 0) writer.uint32((2 << 3) | VARINT).uint32(length);
    });
  }
}

function writeDeltas(writer: Writer, field: number, deltas: readonly number[]): void {
  writer.uint32((field << 3) | DELIMITED).sint64s([...deltas]);
}

function writeDoubles(writer: Writer, field: number, values: readonly number[]): void {
  writer.uint32((field << 3) | DELIMITED).uint32(values.length * 8);
  for (const value of values) writeFloat64(writer, value);
}
