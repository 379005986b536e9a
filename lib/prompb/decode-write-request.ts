import { decodeV1 } from './decode-v1.ts';
import { decodeV2 } from './decode-v2.ts';
import type { RemoteWriteProtocol, WriteRequest } from './write-request.ts';

/**
 * Decodes an uncompressed remote-write message. Unknown fields are skipped; omitted ones have their zero values. A body
 * of the other protocol is refused and never read as an empty one.
 *
 * @throws DecodeError when the bytes are not such a message, naming the field and the byte.
 * @throws WrongProtocolError when they are the other message.
 * @throws MessageTooLargeError when it unfolds into more parts than a receiver can hold.
 */
export function decodeWriteRequest(bytes: Uint8Array, protocol: RemoteWriteProtocol): WriteRequest {
  return protocol === 'prometheus.WriteRequest' ? decodeV1(bytes) : decodeV2(bytes);
}
