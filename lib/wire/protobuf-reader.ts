import { Reader } from 'protobufjs/minimal.js';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/** `Reader#int64` answers a Long where the package `long` could be loaded, else a number. */
type Integer64 = ReturnType<Reader['int64']> | number;

/**
 * A cursor over protobuf messages that names what it reads: protobufjs finds the bytes, this keeps every message within
 * its bounds, checks wire types, and says of each fault where in the message and at which byte it is. A room makes it
 * its own by saying which errors that gives, and what becomes of a NaN or of a text that is not UTF-8.
 */
export abstract class ProtobufReader {
  /** The number of the field that `next` came to. */
  field = 0;

  readonly #reader: Reader;
  readonly #maxElements: number;
  readonly #path: string[] = [];
  #wireType = VARINT;
  #elements = 0;

  /** @param maxElements how many nested messages, texts and repeated numbers the bytes may unfold into. */
  constructor(bytes: Uint8Array, maxElements = Number.POSITIVE_INFINITY) {
    this.#reader = new Reader(bytes);
    this.#maxElements = maxElements;
  }

  /** @param reason what is wrong and in which nested message, without the byte. */
  protected abstract faultAt(offset: number, reason: string): Error;

  protected tooManyElements(allowed: number): Error {
    return this.fault(`the bytes hold more than ${allowed} elements`);
  }

  /** What the NaN whose eight bytes begin at `offset` reads as. The bits that were read may be of any NaN. */
  protected nanAt(_bytes: Uint8Array, _offset: number): number {
    return Number.NaN;
  }

  /** What the text of the field reads as whose length stands at `start` and whose bytes are not UTF-8. */
  protected invalidText(name: string, _start: number): string {
    throw this.fault(`${name} is not valid UTF-8`);
  }

  /** Reads the text whose length stands at `start`; bytes that are not UTF-8 read as U+FFFD. */
  protected repairedText(start: number): string {
    this.#reader.pos = start;
    return this.#reader.string();
  }

  /** Index of the byte that is read next. */
  get position(): number {
    return this.#reader.pos;
  }

  /** Whether the message that the cursor is in, or all of the bytes, has been read. */
  get isAtEnd(): boolean {
    return this.#reader.pos >= this.#reader.len;
  }

  /**
   * Runs a decoder, and says of protobufjs's faults where they happened.
   * @throws the room's error for whatever protobufjs or the decoder finds wrong with the bytes.
   */
  decode<T>(decoder: (wire: this) => T): T {
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

  /** Enters a nested message, which counts as `cost` elements; hand the result to `leave`. */
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

  /** Enters a message that has no tag before its length. */
  enterDelimited(name: string): number {
    this.#wireType = DELIMITED;
    return this.enter(name);
  }

  /** Leaves a nested message, stepping over what is unread of it. */
  leave(outer: number): void {
    const reader = this.#reader;
    this.#path.pop();
    reader.pos = reader.len;
    reader.len = outer;
  }

  /** Reads all fields of a nested message. */
  message(name: string, readField: () => void): void {
    const outer = this.enter(name);
    while (this.next()) readField();
    this.leave(outer);
  }

  /** Steps over a nested message that is to be read later (`revisit`), and counts it as `cost` elements now. */
  postpone(name: string, cost = 0): number {
    const start = this.#reader.pos;
    this.leave(this.enter(name, cost));
    return start;
  }

  /** Goes to where a postponed message starts, to `enter` it, or back to an earlier `position`. */
  revisit(position: number): void {
    this.#reader.pos = position;
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
      return this.invalidText(name, start);
    }
  }

  double(name: string): number {
    this.#expect(FIXED64, name);
    return this.#double();
  }

  doubles(name: string, into: number[]): void {
    if (this.#wireType === DELIMITED) this.#packed(name, () => into.push(this.#double()));
    else this.#single(() => into.push(this.double(name)));
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
    this.#single(read);
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

  uint32s(name: string, into: number[]): void {
    if (this.#wireType !== DELIMITED) this.#single(() => into.push(this.uint32(name)));
    else if (this.#mayHoldTooMany()) this.#packed(name, () => into.push(this.#reader.uint32()));
    else {
      const before = into.length;
      this.#reader.uint32s(into);
      this.#count(into.length - before);
    }
  }

  /** An error of the room that says what, where in the message, and at which byte. */
  fault(reason: string): Error {
    const where = this.#path.length === 0 ? '' : `${this.#path.join('.')}: `;
    return this.faultAt(this.#reader.pos, `${where}${reason}`);
  }

  #double(): number {
    const reader = this.#reader;
    const value = reader.double();
    return Number.isNaN(value) ? this.nanAt(reader.buf, reader.pos - 8) : value;
  }

  /** Whether a field of numbers is so long that they have to be counted while they are read; each has a byte at least. */
  #mayHoldTooMany(): boolean {
    const start = this.#reader.pos;
    const size = this.#reader.size();
    this.#reader.pos = start;
    return size > this.#maxElements - this.#elements;
  }

  #single(read: () => void): void {
    this.#count(1);
    read();
  }

  #packed(name: string, read: () => void): void {
    const outer = this.enter(name);
    while (!this.isAtEnd) {
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
    if (this.#elements > this.#maxElements) throw this.tooManyElements(this.#maxElements);
  }
}

function toNumber(value: Integer64): number {
  if (typeof value === 'number') return value;
  return (value.unsigned ? value.high >>> 0 : value.high) * 2 ** 32 + (value.low >>> 0);
}
