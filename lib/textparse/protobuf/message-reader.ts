import { Reader } from 'protobufjs/minimal.js';
import { ExpositionDecodeError } from '../errors.ts';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/** `Reader#int64` answers a Long where the package `long` could be loaded, else a number. */
type Integer64 = ReturnType<Reader['int64']> | number;

/**
 * A cursor over delimited protobuf messages: protobufjs finds the bytes, this keeps every message within its bounds,
 * checks wire types, and turns each fault into an ExpositionDecodeError with path and offset.
 */
export class MessageReader {
  /** The number of the field that `next` came to. */
  field = 0;
  readonly #reader: Reader;
  readonly #path: string[] = [];
  #wireType = VARINT;

  constructor(bytes: Uint8Array) {
    this.#reader = new Reader(bytes);
  }

  get position(): number {
    return this.#reader.pos;
  }

  /** Whether the message that the cursor is in, or the page, has been read. */
  get isAtEnd(): boolean {
    return this.#reader.pos >= this.#reader.len;
  }

  /** Runs a decoder, and says of protobufjs's faults where they happened. */
  decode<T>(decoder: () => T): T {
    try {
      return decoder();
    } catch (error) {
      if (error instanceof RangeError) throw this.fault(`field ${this.field} ends beyond its message`);
      // protobufjs throws plain errors for malformed tags, varints and groups; any other class is a fault of ours.
      if (error instanceof Error && error.constructor === Error) {
        throw this.fault(`field ${this.field} is malformed (${error.message})`);
      }
      throw error;
    }
  }

  next(): boolean {
    if (this.isAtEnd) return false;
    const tag = this.#reader.tag();
    this.field = tag >>> 3;
    this.#wireType = tag & 7;
    if (this.field === 0) throw this.fault('field number 0 is not allowed');
    return true;
  }

  skip(): void {
    this.#reader.skipType(this.#wireType, 0, this.field);
  }

  /** Enters a message that has no tag before its length, as the families of a page. */
  enterDelimited(name: string): number {
    this.#wireType = DELIMITED;
    return this.enter(name);
  }

  /** Enters a nested message; hand the result to `leave` after its last field. */
  enter(name: string): number {
    this.#expect(DELIMITED, name);
    const reader = this.#reader;
    const outer = reader.len;
    const size = reader.size();
    if (reader.pos + size > outer) {
      throw this.fault(`${name} claims ${size} bytes where ${outer - reader.pos} are left`);
    }
    this.#path.push(name);
    reader.len = reader.pos + size;
    return outer;
  }

  leave(outer: number): void {
    this.#path.pop();
    this.#reader.pos = this.#reader.len;
    this.#reader.len = outer;
  }

  /** Steps over a nested message; the result lets `enterAt` come back to it. */
  postpone(name: string): number {
    this.#expect(DELIMITED, name);
    const start = this.#reader.pos;
    this.leave(this.enter(name));
    return start;
  }

  enterAt(start: number, name: string): number {
    this.#reader.pos = start;
    return this.enterDelimited(name);
  }

  /** Goes on where `position` was before `enterAt`. */
  resumeAt(position: number): void {
    this.#reader.pos = position;
  }

  /** Reads all fields of a nested message. */
  message(name: string, readField: () => void): void {
    const outer = this.enter(name);
    while (this.next()) readField();
    this.leave(outer);
  }

  /** A text, which must be UTF-8. */
  text(name: string): string {
    this.#expect(DELIMITED, name);
    try {
      return this.#reader.stringVerify();
    } catch (error) {
      if (error instanceof TypeError) throw this.fault(`${name} is not valid UTF-8`);
      throw error;
    }
  }

  /** A float64; every NaN becomes the one `NaN`, as no exposition format knows Prometheus's stale marker. */
  double(name: string): number {
    this.#expect(FIXED64, name);
    const value = this.#reader.double();
    return Number.isNaN(value) ? Number.NaN : value;
  }

  doubles(name: string, into: number[]): void {
    if (this.#wireType !== DELIMITED) into.push(this.double(name));
    else this.#packed(name, () => into.push(this.#reader.double()));
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
    if (this.#wireType === DELIMITED) {
      this.#packed(name, read);
      return;
    }
    this.#expect(VARINT, name);
    read();
  }

  uint32(name: string): number {
    this.#expect(VARINT, name);
    return this.#reader.uint32();
  }

  int32(name: string): number {
    this.#expect(VARINT, name);
    return this.#reader.int32();
  }

  sint32(name: string): number {
    this.#expect(VARINT, name);
    return this.#reader.sint32();
  }

  fault(reason: string): ExpositionDecodeError {
    const where = this.#path.length === 0 ? '' : `${this.#path.join('.')}: `;
    return new ExpositionDecodeError(`${where}${reason}`, this.#reader.pos);
  }

  #packed(name: string, read: () => void): void {
    const outer = this.enter(name);
    while (!this.isAtEnd) read();
    this.leave(outer);
  }

  #expect(wireType: number, name: string): void {
    if (this.#wireType === wireType) return;
    throw this.fault(`${name} (field ${this.field}) has wire type ${this.#wireType} where ${wireType} is expected`);
  }
}

function toNumber(value: Integer64): number {
  if (typeof value === 'number') return value;
  return (value.unsigned ? value.high >>> 0 : value.high) * 2 ** 32 + (value.low >>> 0);
}
