import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { ReadSecret, SigV4Auth } from '../context/remote-access.ts';
import type { SignableRequest } from './authorizer.ts';

/**
 * The headers of AWS Signature Version 4 for a request. Method, path, query, host, body and headers of AWS are
 * signed; nothing else, so that what a proxy adds does no harm.
 *
 * @param read puts secrets in place of their references.
 * @param now milliseconds.
 */
export async function sigV4Headers(
  { method, url, headers: sent, body }: SignableRequest,
  auth: SigV4Auth,
  read: ReadSecret,
  now: number,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({
    service: auth.service,
    region: auth.region,
    sha256: Sha256,
    credentials: {
      accessKeyId: await read(auth.accessKeyId),
      secretAccessKey: await read(auth.secretAccessKey),
      ...(auth.sessionToken === undefined ? {} : { sessionToken: await read(auth.sessionToken) }),
    },
  });
  const request = new HttpRequest({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url.searchParams),
    headers: { host: url.host, ...headersOfAws(sent) },
    ...(body === undefined ? {} : { body }),
  });
  const { headers } = await signer.sign(request, { signingDate: new Date(now) });
  return headers;
}

function headersOfAws(headers: SignableRequest['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-amz-')));
}

function queryOf(params: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}
