import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SigV4Auth } from '../context/remote-access.ts';
import type { SignableRequest } from './authorizer.ts';

/**
 * The headers of AWS Signature Version 4 for a request. Method, path, query, host and body are signed; nothing else, so
 * that what a proxy adds does no harm.
 *
 * @param read puts secrets in place of their references.
 * @param now milliseconds.
 */
export async function sigV4Headers(
  { method, url, body }: SignableRequest,
  auth: SigV4Auth,
  read: (text: string) => string,
  now: number,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    service: auth.service,
    region: auth.region,
    sha256: Sha256,
    credentials: {
      accessKeyId: read(auth.accessKeyId),
      secretAccessKey: read(auth.secretAccessKey),
      ...(auth.sessionToken === undefined ? {} : { sessionToken: read(auth.sessionToken) }),
    },
  });
  const request = new HttpRequest({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url.searchParams),
    headers: { host: url.host },
    ...(body === undefined ? {} : { body }),
  });
  const { headers } = await signer.sign(request, { signingDate: new Date(now) });
  return headers;
}

function queryOf(params: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}
