import { Writer } from 'protobufjs/minimal.js';

/** One field of a protobuf message: its number and what it holds. A number is a float64, a bigint a varint. */
export type Field = readonly [number: number, value: FieldValue];
export type FieldValue =
  | number
  | bigint
  | string
  | Uint8Array
  | { readonly sint: number }
  | { readonly packedSints: readonly number[] }
  | { readonly packedDoubles: readonly number[] }
  | readonly Field[];

/** A delimited page of messages written field by field, good or bad. */
export function writePage(...families: readonly (readonly Field[])[]): Uint8Array {
  const writer = new Writer();
  for (const family of families) writer.bytes(writeMessage(family));
  return writer.finish();
}

/** A metric of a family (field 4) with labels; `timestamp` in ms. */
export function metric(labels: Readonly<Record<string, string>>, value: Field, timestamp?: bigint): Field {
  const pairs = Object.entries(labels).map(([name, text]): Field => [1, labelPair(name, text)]);
  return [4, timestamp === undefined ? [...pairs, value] : [...pairs, value, [6, timestamp]]];
}

export function labelPair(name: string, value: string): readonly Field[] {
  return [
    [1, name],
    [2, value],
  ];
}

/** `google.protobuf.Timestamp`. */
export function time(seconds: bigint, nanos = 0n): readonly Field[] {
  return [
    [1, seconds],
    [2, nanos],
  ];
}

function writeMessage(fields: readonly Field[]): Uint8Array {
  const writer = new Writer();
  for (const [number, value] of fields) writeField(writer, number, value);
  return writer.finish();
}

function writeField(writer: Writer, number: number, value: FieldValue): void {
  if (typeof value === 'number') writer.uint32((number << 3) | 1).double(value);
  else if (typeof value === 'bigint') writer.uint32(number << 3).int64(String(value) as unknown as number);
  else if (typeof value === 'string') writer.uint32((number << 3) | 2).string(value);
  else if (value instanceof Uint8Array) writer.uint32((number << 3) | 2).bytes(value);
  else if (isFields(value)) writer.uint32((number << 3) | 2).bytes(writeMessage(value));
  else if ('sint' in value) writer.uint32(number << 3).sint32(value.sint);
  else writer.uint32((number << 3) | 2).bytes(pack(value));
}

function pack(value: { readonly packedSints: readonly number[] } | { readonly packedDoubles: readonly number[] }) {
  const packed = new Writer();
  if ('packedSints' in value) for (const number of value.packedSints) packed.sint64(number);
  else for (const number of value.packedDoubles) packed.double(number);
  return packed.finish();
}

function isFields(value: object): value is readonly Field[] {
  return Array.isArray(value);
}
