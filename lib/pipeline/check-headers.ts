import { parse } from 'content-type';
import type { RemoteWriteProtocol } from '../prompb/write-request.ts';
import { IntakeRefusal } from './intake-refusal.ts';
import type { IntakeRequest } from './intake-request.ts';
import { printable } from './printable.ts';

/**
 * Decides from method and headers which message the body holds. A missing content type means Remote-Write 1.0, a missing
 * content encoding means snappy, as for Prometheus's own receiver.
 *
 * @throws IntakeRefusal 405, or 415 for a type or an encoding that we do not take (senders may then downgrade).
 */
export function checkHeaders({ method, headers }: IntakeRequest): RemoteWriteProtocol {
  if (method !== 'POST') {
    throw new IntakeRefusal(405, 'method_not_allowed', `cannot ${printable(method)} here`, {
      headers: { Allow: 'POST' },
    });
  }
  const encoding = headers['content-encoding']?.trim() || 'snappy';
  if (encoding.toLowerCase() !== 'snappy') {
    throw new IntakeRefusal(415, 'unsupported_encoding', `cannot read Content-Encoding ${printable(encoding)}`, {
      headers: { 'Accept-Encoding': 'snappy' },
    });
  }
  return protocolOf(headers['content-type']?.trim() || 'application/x-protobuf');
}

function protocolOf(contentType: string): RemoteWriteProtocol {
  const { type, parameters } = parse(contentType);
  const proto = parameters['proto'] ?? 'prometheus.WriteRequest';
  const isKnown = proto === 'prometheus.WriteRequest' || proto === 'io.prometheus.write.v2.Request';
  if (type === 'application/x-protobuf' && isKnown) return proto;
  throw new IntakeRefusal(415, 'unsupported_media_type', `cannot read Content-Type ${printable(contentType)}`);
}
