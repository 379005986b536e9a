import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request and where its route leads. */
export interface RoutedRequest {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  /** As API Gateway names it: `GET /api/v1/{proxy+}`. */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly now: number;
}

/**
 * The event that an API Gateway HTTP API makes of a request (payload format 2.0): header names in lower case, repeats
 * joined by commas, cookies apart, the path decoded, and the body in base64 unless its content type is text.
 */
export function httpEvent({ request, body, routeKey, pathParameters, now }: RoutedRequest): APIGatewayProxyEventV2 {
  const { path, query } = splitUrl(request.url ?? '/');
  const { headers, cookies } = readHeaders(request);
  const isBase64Encoded = body.length > 0 && !isText(headers['content-type']);
  const parameters = joinRepeats(new URLSearchParams(query));
  const id = requestId();
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters: { ...pathParameters } }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers['host'] ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: id,
      routeKey,
      stage: '$default',
      time: clfTime(now),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

/** Path and query of a request; API Gateway decodes the path before it looks for a route. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const mark = url.indexOf('?');
  const encoded = mark < 0 ? url : url.slice(0, mark);
  return { path: decodePath(encoded), query: mark < 0 ? '' : url.slice(mark + 1) };
}

/** What API Gateway leaves as text; everything else, forms and bodies without a type included, it encodes. */
function isText(contentType = ''): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || /^application\/(json|xml|javascript)$/.test(type);
}

function readHeaders(request: IncomingMessage): { headers: Record<string, string>; cookies: string[] } {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    if (name === 'cookie') cookies.push(...values.flatMap((value) => value.split(/;\s*/)));
    else if (!HOP_BY_HOP.has(name)) headers[name] = values.join(',');
  }
  const address = request.socket.remoteAddress ?? '127.0.0.1';
  headers['x-forwarded-for'] = [...(request.headersDistinct['x-forwarded-for'] ?? []), address].join(', ');
  headers['x-forwarded-port'] = String(request.socket.localPort ?? '');
  headers['x-forwarded-proto'] = 'http';
  headers['x-amzn-trace-id'] =
    `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
  return { headers, cookies };
}

/** Headers that concern one connection only; a gateway ends them. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']);

function joinRepeats(query: URLSearchParams): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of query) joined[name] = Object.hasOwn(joined, name) ? `${joined[name]},${value}` : value;
  return joined;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The form of API Gateway's extended request ids. */
function requestId(): string {
  return randomBytes(11).toString('base64').replaceAll('/', '_');
}

/** `22/Nov/2026:15:33:05 +0000`, as access logs write it. */
function clfTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
