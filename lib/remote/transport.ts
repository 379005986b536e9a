import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Network, RemoteTls } from '../context/remote-access.ts';
import { checkedLookup, checkLiteralHost, type Resolve } from './checked-lookup.ts';
import { readBody } from './read-body.ts';
import { asRemoteError, RemoteError } from './remote-error.ts';

export interface TransportOptions {
  /** PEM texts, not references. */
  readonly tls: RemoteTls;
  readonly allowNetworks: readonly Network[];
  /** Default: the system's. */
  readonly resolve?: Resolve;
}

/** One request as it goes over the wire. */
export interface Exchange {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Of the answer's body, after decompression. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface RemoteResponse {
  readonly status: number;
  /** Names in lower case; what was sent several times is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * HTTP/1.1 to one source's servers over connections that are kept open. Every new connection goes to an address that was
 * checked for it; nothing is ever sent through a proxy.
 */
export class Transport {
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  readonly #lookup: LookupFunction;
  readonly #allowed: readonly Network[];

  constructor({ tls, allowNetworks, resolve }: TransportOptions) {
    const { ca, cert, key, serverName: servername } = tls;
    this.#http = new HttpAgent({ keepAlive: true, maxFreeSockets: 4 });
    this.#https = new HttpsAgent({
      keepAlive: true,
      maxFreeSockets: 4,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
    });
    this.#lookup = checkedLookup(allowNetworks, resolve);
    this.#allowed = allowNetworks;
  }

  /**
   * Sends one request and reads the whole answer, whatever its status. A kept connection that the server had closed
   * meanwhile is replaced once: everything we send only reads.
   *
   * @throws RemoteError; what `signal` was aborted with where that ended it.
   */
  async exchange(exchange: Exchange): Promise<RemoteResponse> {
    checkLiteralHost(exchange.url.hostname, this.#allowed);
    try {
      return await this.#attempt(exchange, true);
    } catch (error) {
      if (exchange.signal.aborted) throw exchange.signal.reason;
      throw asRemoteError(error, `reach ${exchange.url.origin}`);
    }
  }

  /** Closes the connections that were kept. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #attempt(exchange: Exchange, mayRetry: boolean): Promise<RemoteResponse> {
    const request = this.#open(exchange);
    let response: IncomingMessage;
    try {
      response = await responseOf(request, exchange.body);
    } catch (error) {
      const isStale = request.reusedSocket && !exchange.signal.aborted && isDisconnect(error);
      if (isStale && mayRetry) return this.#attempt(exchange, false);
      throw error;
    }
    const body = await readBody(response, exchange.maxBytes, withoutQuery(exchange.url));
    return { status: response.statusCode ?? 0, headers: joinHeaders(response.headers), body };
  }

  #open({ url, method, headers, body, signal }: Exchange): ClientRequest {
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const options = {
      method,
      headers: { 'accept-encoding': 'gzip', 'user-agent': 'tributary', ...headers, ...length },
      lookup: this.#lookup,
      signal,
    };
    return url.protocol === 'https:'
      ? httpsRequest(url, { ...options, agent: this.#https })
      : httpRequest(url, { ...options, agent: this.#http });
  }
}

function responseOf(request: ClientRequest, body: Uint8Array | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    // Stays attached: a fault after the answer began reaches its reader, and must not be an unhandled event here.
    request.on('error', reject);
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new RemoteError('bad_response', 'cannot read the answer: the server switches protocols'));
    });
    request.end(body);
  });
}

function isDisconnect(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function joinHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** Selectors may be long and are no help in an error. */
function withoutQuery({ origin, pathname }: URL): string {
  return origin + pathname;
}
