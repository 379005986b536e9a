import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { loopbackNames } from './loopback.ts';

/**
 * Lets programs of this machine alone speak to a stand-in, which asks for no credentials that anybody would have to know. A
 * web page in a browser here reaches it, too: its origin stands in every request that could read an answer or change
 * something, and the name that it made lead here (DNS rebinding) in Host.
 */
export function refuseWebPages(server: Server): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (isOfWebPage(request)) response.writeHead(403, { 'content-type': 'text/plain' }).end('not for web pages\n');
    else for (const listener of listeners) listener(request, response);
  });
}

const NAMES = loopbackNames('127.0.0.1');

function isOfWebPage({ headers: { origin, host = '' } }: IncomingMessage): boolean {
  return origin !== undefined || !NAMES.has(host.replace(/:\d+$/, ''));
}
