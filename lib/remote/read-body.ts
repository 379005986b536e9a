import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RemoteError } from './remote-error.ts';

/** Each piece costs a turn of the event loop, which all servers share; the default of 16 KiB would cost a large page hundreds. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a body, decompressed, and never holds more of it than `maxBytes`: it stops with the chunk that exceeds them,
 * however much may still be to come out of a few compressed bytes.
 *
 * @throws RemoteError `body_too_large`, or `bad_response` for an encoding that we did not ask for.
 */
export async function readBody(response: IncomingMessage, maxBytes: number, url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decode(response, url) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      const text = `cannot take the answer of ${url}: it is larger than ${maxBytes} bytes after decompression`;
      throw new RemoteError('body_too_large', text);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function decode(response: IncomingMessage, url: string): Readable {
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return response;
  if (encoding === 'gzip' || encoding === 'x-gzip') {
    // Faults of either stream reach the reader through the one that is read.
    return pipeline(response, createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
  }
  response.destroy();
  throw new RemoteError(
    'bad_response',
    `cannot read the answer of ${url}: Content-Encoding ${JSON.stringify(encoding)}`,
  );
}
