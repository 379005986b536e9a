import type { Writer } from 'protobufjs/minimal.js';
import { isStaleNaN, STALE_HIGH, STALE_LOW } from '../model/stale-marker.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;

/** Prometheus's ordinary NaN (`model/value`, NormalNaN). */
const NORMAL_NAN_HIGH = 0x7ff80000;
const NORMAL_NAN_LOW = 0x00000001;

/** Writes a nested message. */
export function delimited(writer: Writer, field: number, body: () => void): void {
  writer.uint32((field << 3) | DELIMITED).fork();
  body();
  writer.ldelim();
}

/** Writes a float64 field, or nothing when it is zero; the sign of a negative zero is kept. */
export function writeDouble(writer: Writer, field: number, value: number): void {
  if (!Object.is(value, 0)) writeFloat64(writer.uint32((field << 3) | FIXED64), value);
}

/** Writes eight bytes. A NaN is written by its bits, which no number can be trusted to keep. */
export function writeFloat64(writer: Writer, value: number): void {
  if (!Number.isNaN(value)) writer.double(value);
  else if (isStaleNaN(value)) writer.fixed32(STALE_LOW).fixed32(STALE_HIGH);
  else writer.fixed32(NORMAL_NAN_LOW).fixed32(NORMAL_NAN_HIGH);
}

export function writeInt64(writer: Writer, field: number, value: number): void {
  if (value !== 0) writer.uint32((field << 3) | VARINT).int64(value);
}

export function writeText(writer: Writer, field: number, text: string): void {
  if (text !== '') writer.uint32((field << 3) | DELIMITED).string(text);
}
