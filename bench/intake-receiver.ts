import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Tenant } from '../lib/context/tenant.ts';
import type { IntakeRequest } from '../lib/pipeline/intake-request.ts';
import { receive } from '../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../lib/pipeline/series-memories.ts';
import { newSelection } from '../lib/plan/selection.ts';
import type { Queue, QueueMessage } from '../lib/queue/interface.ts';
import { encodeMessage } from '../lib/queue/message.ts';
import { readBody } from '../local/read-body.ts';
import { SELECTED_NAMES } from './intake-traffic.ts';

/**
 * The receiver as a process of its own: HTTP in, authenticated, decoded, validated, selected, and messages encoded as SQS
 * takes them; only that they are sent is left out. Says its port to the parent, and counts when asked.
 */
const [token = '', memoryBytes = ''] = process.argv.slice(2);
/** As the local server takes them. */
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

class CountingQueue implements Queue {
  messages = 0;
  bytes = 0;

  async send(messages: readonly QueueMessage[]): Promise<void> {
    for (const message of messages) {
      this.messages++;
      this.bytes += encodeMessage(message).body.length;
    }
  }
}

const queue = new CountingQueue();
const tenant: Tenant = {
  name: 'bench',
  tokens: [{ name: 'load', sha256: createHash('sha256').update(token).digest('hex'), scopes: ['write'] }],
  sources: [{ name: 'main', type: 'remote_write', tokens: ['load'], scope: DEFAULT_SCOPE }],
  limits: DEFAULT_INTAKE_LIMITS,
};
const dependencies = {
  tenants: [tenant],
  selects: newSelection({
    selection: SELECTED_NAMES.map((value) => ({ matchers: [{ type: '=', name: '__name__', value }] })),
  }),
  planVersion: 'bench',
  memories: new SeriesMemories(memoryBytes === '' ? {} : { bytes: Number(memoryBytes) }),
  queue,
  now: Date.now,
};

let selected = 0;
const server = createServer(async (request, response) => {
  const sent = (await readBody(request, MAX_REQUEST_BYTES)) ?? Buffer.alloc(0);
  const { status, headers, body, outcome } = await receive(requestOf(request, sent), dependencies);
  selected += outcome.account?.tally.selected ?? 0;
  response.writeHead(status, headers).end(body);
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  process.send?.({
    selected,
    messages: queue.messages,
    bytes: queue.bytes,
    rss: process.memoryUsage().rss,
  });
});
process.on('disconnect', () => process.exit());

function requestOf(request: IncomingMessage, body: Buffer): IntakeRequest {
  const headers = request.headers as Record<string, string>;
  return { method: request.method ?? '', headers, body, receivedAt: Date.now(), requestId: '' };
}
