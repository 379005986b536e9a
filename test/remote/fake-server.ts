import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { RemoteAccess } from '../../lib/context/remote-access.ts';

/** A request as the fake saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface FakeServer {
  readonly url: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** How many connections were opened so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

export type FakeHandler = (request: SeenRequest, response: ServerResponse) => unknown;

/** A server on the loopback interface that does what a test needs; over TLS with `tls`. */
export async function startFakeServer(handler: FakeHandler, tls?: ServerOptions): Promise<FakeServer> {
  const seen: SeenRequest[] = [];
  let connections = 0;
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const one = { method: request.method ?? '', url, headers: request.headers, body: Buffer.concat(chunks) };
    seen.push(one);
    await handler(one, response);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on(tls === undefined ? 'connection' : 'secureConnection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    seen,
    connections: () => connections,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Access to loopback servers without any credentials. */
export const LOCAL_ACCESS: RemoteAccess = { auth: { type: 'none' }, headers: {}, tls: {}, allowNetworks: ['loopback'] };

/** Secrets of tests: `${env:NAME}` is "secret of NAME". */
export function testSecret(text: string): string {
  return text.replace(/\$\{env:([^}]+)\}/g, (reference, name: string) => {
    if (name === 'MISSING') throw new Error(`cannot read ${reference}: the variable is not set`);
    return `secret of ${name}`;
  });
}
