import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ApiError } from './api-error.ts';

/**
 * What a Lambda function may return is 6 MB of JSON, in which the body is a string: plain text grows by its escapes, a
 * compressed body by a third (base64). Some room is left for headers and the frame.
 */
export const MAX_LAMBDA_RESPONSE_BYTES = 6 * 1024 * 1024 - 64 * 1024;

/** Text that gzip could bring under the bound at best; beyond it nothing is even written out. */
export const MAX_TEXT_PER_RESPONSE_BYTE = 12;

/**
 * A body as it will travel: compressed where the client takes gzip and the text is long enough for that to pay.
 * @throws ApiError (422) when it does not fit into `maxBytes`
 */
export async function packResponse(
  request: Request,
  body: Buffer,
  contentType: string,
  maxBytes: number,
): Promise<Response> {
  const takesGzip = acceptsGzip(request.headers.get('accept-encoding'));
  if (!takesGzip || body.length < MIN_GZIP_BYTES) {
    const fits = IS_TEXT.test(contentType) ? fitsAsText(body, maxBytes) : fitsAsBase64(body, maxBytes);
    if (!fits) throw tooLarge(body.length, maxBytes, takesGzip);
    return new Response(body, { headers: { 'Content-Type': contentType } });
  }
  const packed = await compress(body, { level: GZIP_LEVEL });
  if (!fitsAsBase64(packed, maxBytes)) throw tooLarge(body.length, maxBytes, true);
  return new Response(packed, { headers: { 'Content-Type': contentType, 'Content-Encoding': 'gzip' } });
}

/** The answer where a result does not fit, with everything that may help. */
export function tooLarge(bytes: number, maxBytes: number, compressed: boolean): ApiError {
  const size = (count: number) => `${(count / (1024 * 1024)).toFixed(1)} MB`;
  const remedy = 'narrow the selector or the time range, aggregate, use a larger step, or set limit';
  const gzipRemedy = compressed ? '' : '; or ask for a compressed response with "Accept-Encoding: gzip"';
  return new ApiError(
    'execution',
    `cannot return the result: ${size(bytes)} of JSON or text${compressed ? ', compressed,' : ''} exceed the ` +
      `${size(maxBytes)} that one response can hold: ${remedy}${gzipRemedy}`,
  );
}

const compress = promisify(gzip);

/** Below this gzip saves less than the CPU and the base64 it costs. */
const MIN_GZIP_BYTES = 1024;

/** Level 4 halves the CPU of the default and gives away some 5 % of size on query results. */
const GZIP_LEVEL = 4;

/** `gzip` or `*` with a quality above zero. */
function acceptsGzip(header: string | null): boolean {
  const codings = (header ?? '').split(',').map((part) =>
    part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q=/),
  );
  const quality = (name: string) => codings.find(([coding]) => coding === name)?.[1] ?? undefined;
  const named = (name: string) => codings.some(([coding]) => coding === name);
  if (named('gzip')) return Number(quality('gzip') ?? 1) > 0;
  return named('*') && Number(quality('*') ?? 1) > 0;
}

/** What stays text on its way (lib/lambda/http-event.ts). */
const IS_TEXT = /^(text\/|application\/json)/;

function fitsAsBase64({ length }: Buffer, maxBytes: number): boolean {
  return Math.ceil(length / 3) * 4 <= maxBytes;
}

/** Whether a text fits as a JSON string. Its escapes are counted only where they can matter. */
function fitsAsText(body: Buffer, maxBytes: number): boolean {
  if (body.length * LONGEST_ESCAPE <= maxBytes || body.length > maxBytes) return body.length <= maxBytes;
  let escaped = 0;
  for (const byte of body) {
    if (byte === QUOTE || byte === BACKSLASH || byte === NEWLINE) escaped++;
    else if (byte < FIRST_PRINTABLE) escaped += LONGEST_ESCAPE - 1;
  }
  return body.length + escaped <= maxBytes;
}

/** Of a control character: six for one. */
const LONGEST_ESCAPE = 6;
const FIRST_PRINTABLE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
