import { Agent, request } from 'node:http';
import type { RemoteWriteProtocol } from '../lib/prompb/write-request.ts';
import type { Receiver } from './intake-peers.ts';

const CONNECTIONS = 4;
const MAX_MS = 40_000;

/**
 * Pushes bodies over a few keep-alive connections: those of one round side by side, rounds one after the other, so that
 * the samples of a series come in order.
 *
 * @throws Error when a body is not taken, or the receiver is slower than the bench can wait.
 */
export async function push(
  receiver: Receiver,
  rounds: readonly (readonly Buffer[])[],
  protocol: RemoteWriteProtocol,
): Promise<void> {
  const deadline = Date.now() + MAX_MS;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const share = async (bodies: readonly Buffer[], first: number) => {
    for (let i = first; i < bodies.length; i += CONNECTIONS) {
      if (Date.now() > deadline) throw new Error(`cannot measure: ${receiver.url} takes longer than ${MAX_MS} ms`);
      const status = await post(receiver, bodies[i] as Buffer, protocol, agent);
      if (status !== 200 && status !== 204) throw new Error(`cannot measure: ${receiver.url} answers ${status}`);
    }
  };
  try {
    for (const bodies of rounds) {
      await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => share(bodies, i)));
    }
  } finally {
    agent.destroy();
  }
}

function post(
  { url, authorization }: Receiver,
  body: Buffer,
  protocol: RemoteWriteProtocol,
  agent: Agent,
): Promise<number> {
  const isV2 = protocol === 'io.prometheus.write.v2.Request';
  const headers = {
    'content-type': isV2 ? `application/x-protobuf;proto=${protocol}` : 'application/x-protobuf',
    'content-encoding': 'snappy',
    'content-length': body.length,
    'user-agent': 'tributary-bench',
    'x-prometheus-remote-write-version': isV2 ? '2.0.0' : '0.1.0',
    ...(authorization === undefined ? {} : { authorization }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.on('error', reject).end(body);
  });
}
