import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** The event is no request that HTTP allows: a method or a header that may not be. */
export class UnreadableRequestError extends Error {
  override name = 'UnreadableRequestError';
}

/** Names a request in the log, and in an answer that is an error: who complains can say which one it was. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** Answers an HTTP API event (payload format 2.0) with what `fetch` says; 400 where it is no request at all. */
export async function answerEvent(
  event: APIGatewayProxyEventV2,
  fetch: (request: Request) => Promise<Response>,
): Promise<APIGatewayProxyStructuredResultV2> {
  let request: Request;
  try {
    request = requestOf(event);
  } catch (error) {
    if (!(error instanceof UnreadableRequestError)) throw error;
    const answer = new Response(`${error.message}\n`, { status: 400, headers: { 'content-type': 'text/plain' } });
    return withRequestId(await resultOf(answer), event.requestContext.requestId);
  }
  return withRequestId(await resultOf(await fetch(request)), event.requestContext.requestId);
}

/** The same answer; an error tells its request id. */
export function withRequestId(
  result: APIGatewayProxyStructuredResultV2,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  if (!requestId || (result.statusCode ?? 200) < 400) return result;
  return { ...result, headers: { ...result.headers, [REQUEST_ID_HEADER]: requestId } };
}

/**
 * An HTTP API event as a fetch `Request`. Raw path and raw query are kept, so repeated query keys keep their order;
 * cookies become one header again; its request id is the gateway's, whatever the client calls it.
 *
 * @throws UnreadableRequestError
 */
export function requestOf(event: APIGatewayProxyEventV2): Request {
  try {
    return newRequest(event);
  } catch (error) {
    throw new UnreadableRequestError(`cannot read the request: ${(error as Error).message}`, { cause: error });
  }
}

function newRequest(event: APIGatewayProxyEventV2): Request {
  const { method } = event.requestContext.http;
  const body = bodyOf(event);
  const mayHaveBody = method !== 'GET' && method !== 'HEAD';
  return new Request(urlOf(event), {
    method,
    headers: headersOf(event),
    ...(mayHaveBody && body.length > 0 ? { body } : {}),
  });
}

/** A fetch `Response` as the result of an HTTP API integration; what is not plain text travels as base64. */
export async function resultOf(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = value;
  const cookies = response.headers.getSetCookie();
  const bytes = Buffer.from(await response.arrayBuffer());
  const isBase64Encoded = bytes.length > 0 && !isText(response.headers);
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length > 0 ? { cookies } : {}),
    ...(bytes.length > 0 ? { body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8') } : {}),
    isBase64Encoded,
  };
}

/** The bytes of an event's body, whichever of the two ways API Gateway carried them. */
export function bodyOf({ body, isBase64Encoded }: APIGatewayProxyEventV2): Uint8Array<ArrayBuffer> {
  return Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
}

/** Headers of an event with lower-case names. */
export function lowerCaseHeaders(event: APIGatewayProxyEventV2): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  return headers;
}

function headersOf(event: APIGatewayProxyEventV2): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(lowerCaseHeaders(event))) headers.set(name, byteText(value));
  if (event.cookies !== undefined && event.cookies.length > 0)
    headers.set('cookie', byteText(event.cookies.join('; ')));
  headers.delete(REQUEST_ID_HEADER);
  if (event.requestContext.requestId) headers.set(REQUEST_ID_HEADER, byteText(event.requestContext.requestId));
  return headers;
}

/** Headers are bytes: what API Gateway read as UTF-8 is spelled byte by byte, as other servers hand it on. */
function byteText(value: string): string {
  return /[^\0-\xff]/.test(value) ? Buffer.from(value).toString('latin1') : value;
}

function urlOf(event: APIGatewayProxyEventV2): string {
  const host = event.requestContext.domainName || 'localhost';
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  return `https://${host}${escapePath(event.rawPath || '/')}${query}`;
}

/** API Gateway decodes escapes in the path; a decoded `?`, `#` or `%` must not end or change it. */
function escapePath(path: string): string {
  return path.replace(/[?#]|%(?![0-9A-Fa-f]{2})/g, encodeURIComponent);
}

/** Text in UTF-8 that nothing has compressed. */
function isText(headers: Headers): boolean {
  if (headers.has('content-encoding')) return false;
  const type = headers.get('content-type') ?? '';
  return /^(text\/|application\/([a-z.-]+\+)?(json|xml|javascript|yaml)|application\/openmetrics-text|image\/svg)/i.test(
    type,
  );
}
