import { ProtobufReader } from '../../wire/protobuf-reader.ts';
import { ExpositionDecodeError } from '../errors.ts';

/**
 * A cursor over the messages of a page, whose faults are ExpositionDecodeErrors. Texts must be UTF-8, and every NaN
 * becomes the one `NaN`, as no exposition format knows Prometheus's stale marker. How much a page may hold is bounded
 * by its PageLimits.
 */
export class MessageReader extends ProtobufReader {
  protected override faultAt(offset: number, reason: string): ExpositionDecodeError {
    return new ExpositionDecodeError(reason, offset);
  }
}
