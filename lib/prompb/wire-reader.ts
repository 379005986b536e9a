import { Reader } from 'protobufjs/minimal.js';
import { STALE_HIGH, STALE_LOW, STALE_NAN } from '../model/stale-marker.ts';
import { DecodeError, MessageTooLargeError, type RemoteWriteProtocol } from './write-request.ts';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/**
 * How many messages, labels and numbers one body may unfold into. Two bytes can ask for an empty series of a hundred
 * bytes of memory; 32 MiB of the densest real traffic stay below this.
 */
const MAX_ELEMENTS = 3_000_000;

/** `Reader#int64` answers a Long where the package `long` could be loaded, else a number. */
type Integer64 = ReturnType<Reader['int64']> | number;

/**
 * A cursor over one protobuf message that names what it reads: protobufjs finds the bytes, this knows the bounds of the
 * message it is in, checks wire types, and turns every fault into a DecodeError with field and byte offset.
 */
export class WireReader {
  /** The number of the field that `next` came to. */
  field = 0;
  /** How many texts so far were not UTF-8 (their faulty bytes then read as U+FFFD). */
  invalidTexts = 0;

  readonly #reader: Reader;
  readonly #protocol: RemoteWriteProtocol;
  readonly #path: string[] = [];
  #wireType = VARINT;
  #elements = 0;

  constructor(bytes: Uint8Array, protocol: RemoteWriteProtocol) {
    this.#reader = new Reader(bytes);
    this.#protocol = protocol;
  }

  /**
   * Runs a decoder over the whole message.
   * @throws DecodeError for whatever protobufjs or the decoder finds wrong with the bytes.
   */
  decode<T>(decoder: (wire: WireReader) => T): T {
    try {
      return decoder(this);
    } catch (error) {
      if (error instanceof RangeError) throw this.fault(`field ${this.field} ends beyond its message`);
      // protobufjs throws plain errors for malformed tags, varints and groups; any other class is a fault of ours.
      if (error instanceof Error && error.constructor === Error) {
        throw this.fault(`field ${this.field} is malformed (${error.message})`);
      }
      throw error;
    }
  }

  /** Goes to the next field of the message; false at its end. */
  next(): boolean {
    const reader = this.#reader;
    if (reader.pos >= reader.len) return false;
    const tag = reader.tag();
    this.field = tag >>> 3;
    this.#wireType = tag & 7;
    if (this.field === 0) throw this.fault('field number 0 is not allowed');
    return true;
  }

  /** Steps over the field, whatever it is: senders may know fields that we do not. */
  skip(): void {
    this.#reader.skipType(this.#wireType, 0, this.field);
  }

  /** Enters a nested message; hand the result to `leave` when `next` has answered false. */
  enter(name: string, cost = 1): number {
    this.#expect(DELIMITED, name);
    const reader = this.#reader;
    const outer = reader.len;
    const size = reader.size();
    if (reader.pos + size > outer) {
      throw this.fault(`${name} claims ${size} bytes where ${outer - reader.pos} are left`);
    }
    this.#count(cost);
    this.#path.push(name);
    reader.len = reader.pos + size;
    return outer;
  }

  leave(outer: number): void {
    this.#path.pop();
    this.#reader.len = outer;
  }

  /** Steps over a nested message that is to be read later (`revisit`). */
  postpone(name: string): number {
    const start = this.#reader.pos;
    const outer = this.enter(name, 0);
    this.#reader.pos = this.#reader.len;
    this.leave(outer);
    return start;
  }

  /** Goes back to where a postponed message starts. */
  revisit(start: number): void {
    this.#reader.pos = start;
    this.#wireType = DELIMITED;
  }

  text(name: string): string {
    this.#expect(DELIMITED, name);
    this.#count(1);
    const reader = this.#reader;
    const start = reader.pos;
    try {
      return reader.stringVerify();
    } catch (error) {
      // The TextDecoder's complaint; protobufjs's own faults (the length) are none of it.
      if (!(error instanceof TypeError)) throw error;
      this.invalidTexts++;
      reader.pos = start;
      return reader.string();
    }
  }

  /** A float64. The stale marker is recognised by its exact bits on the wire; every other NaN becomes `NaN`. */
  double(name: string): number {
    this.#expect(FIXED64, name);
    return this.#double();
  }

  doubles(name: string, into: number[]): void {
    if (this.#wireType !== DELIMITED) into.push(this.double(name));
    else this.#packed(name, () => into.push(this.#double()));
  }

  /** A signed 64-bit integer; beyond 2^53 as the nearest number. */
  int64(name: string): number {
    this.#expect(VARINT, name);
    return toNumber(this.#reader.int64());
  }

  uint64(name: string): number {
    this.#expect(VARINT, name);
    return toNumber(this.#reader.uint64());
  }

  sint64s(name: string, into: number[]): void {
    const read = () => into.push(toNumber(this.#reader.sint64()));
    if (this.#wireType === DELIMITED) this.#packed(name, read);
    else {
      this.#expect(VARINT, name);
      read();
    }
  }

  uint32(name: string): number {
    this.#expect(VARINT, name);
    return this.#reader.uint32();
  }

  sint32(name: string): number {
    this.#expect(VARINT, name);
    return this.#reader.sint32();
  }

  uint32s(name: string, into: number[]): void {
    if (this.#wireType !== DELIMITED) {
      into.push(this.uint32(name));
      return;
    }
    const before = into.length;
    this.#reader.uint32s(into);
    this.#count(into.length - before);
  }

  /** An error that says what, where in the message, and at which byte. */
  fault(reason: string): DecodeError {
    const where = this.#path.length === 0 ? '' : `${this.#path.join('.')}: `;
    return new DecodeError(`cannot decode ${this.#protocol}: ${where}${reason}, at byte ${this.#reader.pos}`);
  }

  #double(): number {
    const reader = this.#reader;
    const value = reader.double();
    if (!Number.isNaN(value)) return value;
    // A fresh NaN: the one read may still have bits that pass for the marker's.
    return isStaleMarker(reader.buf, reader.pos - 8) ? STALE_NAN : Number.NaN;
  }

  #packed(name: string, read: () => void): void {
    const outer = this.enter(name);
    const reader = this.#reader;
    while (reader.pos < reader.len) {
      read();
      this.#count(1);
    }
    this.leave(outer);
  }

  #expect(wireType: number, name: string): void {
    if (this.#wireType === wireType) return;
    throw this.fault(`${name} (field ${this.field}) has wire type ${this.#wireType} where ${wireType} is expected`);
  }

  #count(elements: number): void {
    this.#elements += elements;
    if (this.#elements <= MAX_ELEMENTS) return;
    throw new MessageTooLargeError(
      `cannot decode ${this.#protocol}: it holds more than ${MAX_ELEMENTS} series, labels and samples; send fewer at once`,
    );
  }
}

/** Little endian: the low word comes first. */
function isStaleMarker(bytes: Uint8Array, offset: number): boolean {
  return word(bytes, offset) === STALE_LOW && word(bytes, offset + 4) === STALE_HIGH;
}

function word(bytes: Uint8Array, offset: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(offset, offset + 4);
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

function toNumber(value: Integer64): number {
  if (typeof value === 'number') return value;
  return (value.unsigned ? value.high >>> 0 : value.high) * 2 ** 32 + (value.low >>> 0);
}
