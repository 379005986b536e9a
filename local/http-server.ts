import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import { httpEvent, splitUrl } from './http-event.ts';
import { findRoute } from './http-routes.ts';
import { readBody } from './read-body.ts';
import type { HttpRoute } from './serverless-file.ts';

export type HttpHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyResultV2>;

export interface HttpServerOptions {
  readonly routes: readonly HttpRoute[];
  /** By the name of the function in serverless.yml. */
  readonly handlers: Readonly<Record<string, HttpHandler>>;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Told of every failure of a handler. */
  readonly onError: (error: unknown, request: string) => void;
  /**
   * Names under which requests without credentials are served. A web page can make a browser send requests here under
   * the page's own name; the Host header gives that away. Absent: any name.
   */
  readonly trustedHosts?: ReadonlySet<string>;
  /** API Gateway ends an integration after 30 s. */
  readonly timeoutMs?: number;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, and resolves when those under way are answered (or after a few seconds). */
  close(): Promise<void>;
}

/** Largest request of an HTTP API. */
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/** Largest event and largest answer of a synchronous Lambda invocation. */
const MAX_LAMBDA_BYTES = 6 * 1024 * 1024;

const CLOSE_GRACE_MS = 3000;

/** node:http in front of Lambda handlers, as an API Gateway HTTP API stands in front of them on AWS. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const missing = options.routes.find(({ functionName }) => options.handlers[functionName] === undefined);
  if (missing !== undefined) {
    throw new Error(`cannot serve ${missing.method} ${missing.path}: no handler for function ${missing.functionName}`);
  }
  const server = createServer((request, response) => {
    handle(options, request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return; // the sender hung up in the middle of its request
      options.onError(error, `${request.method} ${request.url}`);
      answer(response, 500, 'Internal Server Error');
    });
  });
  // Senders keep connections between batches; a server that closes them at the same moment costs a retry.
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 70_000;
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const name = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${name}:${port}`, port, close: () => closeServer(server) };
}

async function handle(options: HttpServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { path } = splitUrl(request.url ?? '/');
  if (path === '/-/ready' || path === '/-/healthy') return answerText(response, 'Tributary is ready.\n');
  if (!isTrusted(request, options.trustedHosts)) {
    return answer(
      response,
      403,
      `Host ${request.headers.host} is not this server's: send credentials, or use its own name`,
    );
  }
  const route = findRoute(options.routes, request.method ?? 'GET', path);
  if (route === undefined) return answer(response, 404, 'Not Found');
  const body = await readBody(request, MAX_REQUEST_BYTES);
  if (body === undefined) return answer(response, 413, 'Request Entity Too Large');
  const event = httpEvent({ request, body, ...route, now: Date.now() });
  if (isTooLarge(event, event.body)) return answer(response, 413, 'Request Entity Too Large');
  const result = await withTimeout(invoke(options, route.functionName, event), options.timeoutMs ?? 30_000);
  if (result === TIMED_OUT) return answer(response, 503, 'Service Unavailable');
  answerResult(response, result);
}

function invoke({ handlers }: HttpServerOptions, name: string, event: APIGatewayProxyEventV2) {
  const handler = handlers[name];
  if (handler === undefined) throw new Error(`BUG: no handler for function ${name}`);
  return handler(event);
}

/** A request with credentials needs no trusted name: no web page can know them. */
function isTrusted({ headers }: IncomingMessage, trusted: ReadonlySet<string> | undefined): boolean {
  if (trusted === undefined || headers.authorization !== undefined) return true;
  const host = headers.host ?? '';
  return trusted.has(host.replace(/:\d+$/, ''));
}

/** Small bodies are not written out to be measured: JSON at most makes six characters of one. */
function isTooLarge(message: unknown, body = ''): boolean {
  return body.length > MAX_LAMBDA_BYTES / 8 && Buffer.byteLength(JSON.stringify(message)) > MAX_LAMBDA_BYTES;
}

function answerResult(response: ServerResponse, result: APIGatewayProxyResultV2): void {
  if (isTooLarge(result, typeof result === 'object' ? result?.body : result)) {
    throw new Error('the answer is larger than the 6 MB that Lambda returns');
  }
  // Without a statusCode API Gateway takes the whole result for the body of a 200.
  if (typeof result !== 'object' || result === null || result.statusCode === undefined) {
    const body = typeof result === 'string' ? result : JSON.stringify(result ?? null);
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    return;
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > 0 && !response.hasHeader('content-type'))
    response.setHeader('content-type', 'text/plain;charset=UTF-8');
  if (statusCode !== 204 && statusCode !== 304) response.setHeader('content-length', bytes.length);
  response.writeHead(statusCode).end(bytes);
}

/** API Gateway's own answers have this form. */
function answer(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return;
  const body = JSON.stringify({ message });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}

function answerText(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

const TIMED_OUT = Symbol('timed out');

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T | typeof TIMED_OUT> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const cause =
        error.code === 'EADDRINUSE'
          ? 'another program uses the port; end it, or take another one with --port'
          : error.message;
      reject(new Error(`cannot listen on ${host}:${port}: ${cause}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

/** Connections that are kept alive end as soon as their request is answered. */
function closeServer(server: Server): Promise<void> {
  const started = Date.now();
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (Date.now() - started < CLOSE_GRACE_MS) server.closeIdleConnections();
      else server.closeAllConnections();
    }, 50);
    server.close(() => {
      clearInterval(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
