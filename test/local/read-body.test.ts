import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readBody } from '../../local/read-body.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('readBody', () => {
  it.each([0, 1, 1000, 200_000])('reads %i bytes, in however many pieces they come', async (length) => {
    const body = Buffer.alloc(length, 'abc');
    expect(await sendAndRead([body.subarray(0, length >> 1), body.subarray(length >> 1)], 200_000)).toEqual(body);
  });

  it('throws away what is larger than allowed, and reads on to its end', async () => {
    expect(await sendAndRead([Buffer.alloc(60), Buffer.alloc(41)], 100)).toBeUndefined();
    expect(await sendAndRead([Buffer.alloc(5_000_000)], 100)).toBeUndefined();
  });

  it('fails where the sender hangs up', async () => {
    const { port, read } = await listen(1000);
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nonly this', () => socket.end());
    });
    socket.on('error', () => undefined);
    await expect(read).rejects.toThrow('aborted');
  });
});

async function sendAndRead(pieces: readonly Buffer[], maxBytes: number): Promise<Buffer | undefined> {
  const { port, read } = await listen(maxBytes);
  const outgoing = request({ port, host: '127.0.0.1', method: 'POST' }, (response) => response.resume());
  for (const piece of pieces) outgoing.write(piece);
  outgoing.end();
  return read;
}

/** A server for one request; `read` is what comes of its body. */
async function listen(maxBytes: number): Promise<{ port: number; read: Promise<Buffer | undefined> }> {
  const { promise: read, resolve, reject } = deferred<Buffer | undefined>();
  server = createServer((incoming: IncomingMessage, response) => {
    readBody(incoming, maxBytes)
      .finally(() => response.end())
      .then(resolve, reject);
  });
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, read };
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
