import { connect, type Socket } from 'node:net';
import type { RemoteWriteProtocol } from '../lib/prompb/write-request.ts';
import type { Receiver } from './intake-peers.ts';

const CONNECTIONS = 4;
const MAX_MS = 40_000;

/**
 * Pushes bodies over a few keep-alive connections: those of one round side by side, rounds one after the other, so that
 * the samples of a series come in order. Requests are written as they are sent, without an HTTP client: what the load takes
 * of the machine, the receiver lacks.
 *
 * @throws Error when a body is not taken, or the receiver is slower than the bench can wait.
 */
export async function push(
  receiver: Receiver,
  rounds: readonly (readonly Buffer[])[],
  protocol: RemoteWriteProtocol,
): Promise<void> {
  const deadline = Date.now() + MAX_MS;
  const url = new URL(receiver.url);
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(url)));
  const share = async (socket: Socket, bodies: readonly Buffer[], first: number) => {
    for (let i = first; i < bodies.length; i += CONNECTIONS) {
      if (Date.now() > deadline) throw new Error(`cannot measure: ${url} takes longer than ${MAX_MS} ms`);
      const body = bodies[i] as Buffer;
      const status = await post(socket, headOf(receiver, body, protocol), body);
      if (status !== 200 && status !== 204) throw new Error(`cannot measure: ${url} answers ${status}`);
    }
  };
  try {
    for (const bodies of rounds) {
      await Promise.all(connections.map((socket, i) => share(socket, bodies, i)));
    }
  } finally {
    for (const socket of connections) socket.destroy();
  }
}

function open({ hostname, port }: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => resolve(socket));
    socket.on('error', reject);
  });
}

function headOf({ url, authorization }: Receiver, body: Buffer, protocol: RemoteWriteProtocol): string {
  const { host, pathname } = new URL(url);
  const isV2 = protocol === 'io.prometheus.write.v2.Request';
  return [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: tributary-bench',
    `Content-Type: ${isV2 ? `application/x-protobuf;proto=${protocol}` : 'application/x-protobuf'}`,
    'Content-Encoding: snappy',
    `Content-Length: ${body.length}`,
    `X-Prometheus-Remote-Write-Version: ${isV2 ? '2.0.0' : '0.1.0'}`,
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    '\r\n',
  ].join('\r\n');
}

/** Sends one request and answers the status, once the whole answer is there. */
function post(socket: Socket, head: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const finish = (settle: () => void) => {
      socket.off('data', read).off('close', fail);
      settle();
    };
    const fail = () => finish(() => reject(new Error('cannot measure: the receiver hangs up')));
    const read = (piece: Buffer) => {
      answer += piece.toString('latin1');
      if (isWhole(answer)) finish(() => resolve(Number(answer.slice('HTTP/1.1 '.length).slice(0, 3))));
    };
    socket.on('data', read).on('close', fail);
    if (socket.destroyed) fail();
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  });
}

/** Receivers answer without a body, or say how long it is. */
function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(answer)?.[1] ?? 0);
  return answer.length >= headEnd + '\r\n\r\n'.length + length;
}
