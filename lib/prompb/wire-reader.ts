import { STALE_HIGH, STALE_LOW, STALE_NAN } from '../model/stale-marker.ts';
import { ProtobufReader } from '../wire/protobuf-reader.ts';
import { DecodeError, MessageTooLargeError, type RemoteWriteProtocol } from './write-request.ts';

/**
 * How many messages, labels and numbers one body may unfold into. Two bytes can ask for an empty series of a hundred
 * bytes of memory; 32 MiB of the densest real traffic stay below this.
 */
export const MAX_ELEMENTS = 3_000_000;

/**
 * A cursor over one remote-write message, whose faults are DecodeErrors. A float64 with the exact bits of the stale
 * marker is that; every other NaN becomes `NaN`. A text that is not UTF-8 is repaired and counted.
 */
export class WireReader extends ProtobufReader {
  /** How many texts so far were not UTF-8 (their faulty bytes then read as U+FFFD). */
  invalidTexts = 0;

  readonly #protocol: RemoteWriteProtocol;

  constructor(bytes: Uint8Array, protocol: RemoteWriteProtocol) {
    super(bytes, MAX_ELEMENTS);
    this.#protocol = protocol;
  }

  protected override faultAt(offset: number, reason: string): DecodeError {
    return new DecodeError(`cannot decode ${this.#protocol}: ${reason}, at byte ${offset}`);
  }

  protected override tooManyElements(allowed: number): MessageTooLargeError {
    return new MessageTooLargeError(
      `cannot decode ${this.#protocol}: it holds more than ${allowed} series, labels and samples; send fewer at once`,
    );
  }

  /** A fresh NaN where it is not the marker: the one read may still have bits that pass for the marker's. */
  protected override nanAt(bytes: Uint8Array, offset: number): number {
    return isStaleMarker(bytes, offset) ? STALE_NAN : Number.NaN;
  }

  protected override invalidText(_name: string, start: number): string {
    this.invalidTexts++;
    return this.repairedText(start);
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
