import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Api } from '../../lib/api/app.ts';

/** An API on a free port of this machine, until it is closed. */
export async function serveApi(api: Api): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', async () => {
      const { method = 'GET', url = '/', headers } = incoming;
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
      const init = { method, headers: headers as Record<string, string>, ...body };
      const response = await api.fetch(new Request(`http://127.0.0.1${url}`, init));
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
