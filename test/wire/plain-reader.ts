import { ProtobufReader } from '../../lib/wire/protobuf-reader.ts';

export class PlainFault extends Error {}

/** The cursor with nothing added but a class of errors. */
export class PlainReader extends ProtobufReader {
  protected override faultAt(offset: number, reason: string): PlainFault {
    return new PlainFault(`${offset}: ${reason}`);
  }
}
