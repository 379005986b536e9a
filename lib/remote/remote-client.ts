import { isDeepStrictEqual } from 'node:util';
import type { ReadSecret, RemoteAccess, RemoteTls } from '../context/remote-access.ts';
import { type Authorizer, newAuthorizer } from './authorizer.ts';
import type { Resolve } from './checked-lookup.ts';
import { withDeadline } from './deadline.ts';
import { redirectTarget } from './redirect-target.ts';
import { RemoteError } from './remote-error.ts';
import { type RemoteResponse, Transport } from './transport.ts';

/** A client of one server of the user's. */
export interface RemoteClient {
  /** The server's base URL. */
  readonly url: string;
  /**
   * Sends a request and resolves to the answer, whatever its status.
   * @throws RemoteError saying which of `FAILURE_REASONS` it was.
   */
  send(request: RemoteRequest): Promise<RemoteResponse>;
  /** Closes kept connections; the client can still be used. */
  close(): void;
}

export interface RemoteRequest {
  readonly method: 'GET' | 'POST';
  /** Below the server's URL: `/api/v1/query`. */
  readonly path: string;
  /** The query of a GET, the form of a POST. Names may repeat. */
  readonly params?: readonly (readonly [name: string, value: string])[];
  readonly headers?: Readonly<Record<string, string>>;
  /** ms for everything: resolving, connecting, a token, redirects, the whole body. */
  readonly timeout: number;
  /** Of the answer's body, after decompression. */
  readonly maxBytes: number;
  /** Ends the request early; it then fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface RemoteClientOptions {
  /** Base URL: scheme, host, port, and a path without a slash at its end if there is one. */
  readonly url: string;
  readonly access: RemoteAccess;
  readonly secret: ReadSecret;
  /** Milliseconds; default the clock. */
  readonly now?: () => number;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
}

const MAX_REDIRECTS = 3;

/**
 * A client that never connects to link-local, metadata or reserved addresses, to private and loopback ones only where
 * the source allows them, and never to another host than the configured one (and its token endpoint).
 */
export function newRemoteClient({ url, access, secret, now = Date.now, resolve }: RemoteClientOptions): RemoteClient {
  let opened: Opened | undefined;
  const open = async (): Promise<Opened> => {
    const { allowNetworks, auth } = access;
    const tls = await readTls(access.tls, secret);
    // Requests may be under way with certificates that were renewed since; their connections close when they are idle.
    if (opened !== undefined && isDeepStrictEqual(opened.tls, tls)) return opened;
    const transport = new Transport({ tls, allowNetworks, ...(resolve === undefined ? {} : { resolve }) });
    opened = { tls, transport, authorizer: newAuthorizer({ auth, secret, transport, now }) };
    return opened;
  };
  return {
    url,
    send: (request) =>
      withDeadline(request.timeout, `read ${url}${request.path}`, request.signal, async (signal) => {
        const headers = { ...(await readHeaders(access.headers, secret)), ...request.headers };
        const call = { ...(await open()), request: { ...request, headers }, base: new URL(url), signal };
        const response = await follow(call);
        return response.status === 401 && call.authorizer.renew() ? follow(call) : response;
      }),
    close: () => opened?.transport.close(),
  };
}

interface Opened {
  readonly tls: RemoteTls;
  readonly transport: Transport;
  readonly authorizer: Authorizer;
}

interface Call extends Opened {
  readonly base: URL;
  readonly request: RemoteRequest;
  readonly signal: AbortSignal;
}

async function follow({ transport, authorizer, base, request, signal }: Call): Promise<RemoteResponse> {
  const { method, maxBytes } = request;
  let { url, headers, body } = wireForm(base, request);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const signable = { method, url, headers, ...(body === undefined ? {} : { body }) };
    const credentials = await authorizer.authorize(signable);
    const response = await transport.exchange({
      ...signable,
      headers: { ...headers, ...credentials },
      maxBytes,
      signal,
    });
    const target = redirectTarget(response, { method, url, base });
    if (target === undefined) return response;
    url = target;
  }
  throw new RemoteError('redirect', `cannot read ${base.origin}: more than ${MAX_REDIRECTS} redirects`);
}

/** The query is written in the strict form of RFC 3986 that signatures are made over. */
function wireForm(base: URL, { method, path, params = [], headers = {} }: RemoteRequest) {
  const encoded = params.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const url = new URL(base.href.replace(/\/+$/, '') + path);
  if (method === 'GET') {
    url.search = encoded;
    return { url, headers, body: undefined };
  }
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return { url, headers: { ...headers, ...type }, body: Buffer.from(encoded) };
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function readTls(tls: RemoteTls, secret: ReadSecret): Promise<RemoteTls> {
  return readAll(Object.entries(tls) as [string, string][], secret);
}

function readHeaders(headers: RemoteAccess['headers'], secret: ReadSecret): Promise<Record<string, string>> {
  return readAll(
    Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]),
    secret,
  );
}

async function readAll(texts: readonly [string, string][], secret: ReadSecret): Promise<Record<string, string>> {
  try {
    return Object.fromEntries(await Promise.all(texts.map(async ([name, text]) => [name, await secret(text)])));
  } catch (error) {
    throw new RemoteError('credentials', (error as Error).message, error);
  }
}
