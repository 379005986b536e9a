import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { refuseWebPages } from './refuse-web-pages.ts';

export interface DynamoDbServerOptions {
  /** Folder of the tables; made when it is missing. One process at a time may use it. */
  readonly folder: string;
}

export interface DynamoDbServer {
  /** What the client calls its endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

/** A stand-in for Amazon DynamoDB on the loopback interface, its tables in a folder. */
export async function startDynamoDbServer({ folder }: DynamoDbServerOptions): Promise<DynamoDbServer> {
  await mkdir(folder, { recursive: true });
  const server = dynalite({ path: folder, createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  // It throws what ends a request: a client that hangs up in the middle of one would end this process.
  server.on('request', (request) => request.removeAllListeners('error'));
  refuseWebPages(server);
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      }),
  };
}
