import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of a request; undefined when it is larger than `maxBytes`, and what is too much is thrown away. Listens
 * instead of iterating: an iterator takes as long for each piece as the kernel does.
 *
 * @throws Error when the sender hangs up before the end.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maxBytes) pieces.push(piece);
    });
    request.on('end', () => resolve(bytes > maxBytes ? undefined : joined(pieces)));
    request.on('error', reject);
  });
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}
