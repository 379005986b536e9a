import { createHash, createHmac } from 'node:crypto';
import type { SeenRequest } from './fake-server.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Says why a request's Signature Version 4 does not hold, as AWS would; undefined when it does. Follows the algorithm's
 * description (canonical request, string to sign, derived key) and shares nothing with the signer.
 */
export function sigV4Fault(
  { method, url, headers, body }: SeenRequest,
  { accessKeyId, secretAccessKey }: Keys,
): string | undefined {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const match = form.exec(headers.authorization ?? '');
  if (match === null) return `no signature: ${headers.authorization}`;
  const [, id, day = '', region = '', service = '', signedHeaders = '', signature] = match;
  if (id !== accessKeyId) return `unknown key ${id}`;
  const date = String(headers['x-amz-date']);
  if (!date.startsWith(day)) return `date ${date} is not of the day ${day}`;
  for (const name of ['host', 'x-amz-date'])
    if (!signedHeaders.split(';').includes(name)) return `${name} is not signed`;
  if (headers['x-amz-security-token'] !== undefined && !signedHeaders.includes('x-amz-security-token'))
    return 'the session token is not signed';
  const canonical = [
    method,
    url.pathname.split('/').map(encode).join('/'),
    canonicalQuery(url),
    ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
  const expected = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(Buffer.from(canonical))].join('\n')).toString(
    'hex',
  );
  return signature === expected ? undefined : `the signature does not match; canonical request:\n${canonical}`;
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986: everything but unreserved characters. */
function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
