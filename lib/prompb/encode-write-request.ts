import { encodeV1 } from './encode-v1.ts';
import { encodeV2 } from './encode-v2.ts';
import type { RemoteWriteProtocol, WriteRequest } from './write-request.ts';

/**
 * Encodes a remote-write message (not yet compressed). Zero values are omitted as proto3 does. What the other protocol
 * places elsewhere is moved: message-level metadata becomes a series of 2.0 that has a name and no samples, the metadata
 * of a series becomes message-level metadata of 1.0. `defect` is not a part of the message, and 1.0 has no start
 * timestamp for float samples.
 */
export function encodeWriteRequest(request: WriteRequest, protocol: RemoteWriteProtocol): Uint8Array {
  return protocol === 'prometheus.WriteRequest' ? encodeV1(request) : encodeV2(request);
}
