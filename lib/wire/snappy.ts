import * as snappyjs from 'snappyjs';

/** The bytes are no snappy block; the text says at which byte and why. */
export class SnappyError extends Error {
  override name = 'SnappyError';
}

/** The block claims more bytes than the caller allows. */
export class SnappyTooLargeError extends SnappyError {
  override name = 'SnappyTooLargeError';
}

/**
 * Undoes the snappy block format (not the framed one). Nothing is allocated before the claimed length is within
 * `maxBytes` and every element of the block is known to stay inside it.
 *
 * @throws SnappyTooLargeError when the block claims more than `maxBytes`.
 * @throws SnappyError when it is cut off, has bytes left over, or is otherwise corrupt.
 */
export function uncompress(body: Uint8Array, maxBytes: number): Uint8Array {
  const { length, start } = readClaimedLength(body);
  if (length > maxBytes) {
    throw new SnappyTooLargeError(
      `cannot uncompress a snappy block of ${length} bytes: more than the limit of ${maxBytes}`,
    );
  }
  checkElements(body, start, length);
  try {
    return snappyjs.uncompress(body, maxBytes);
  } catch (error) {
    throw new SnappyError(`cannot uncompress a snappy block: ${(error as Error).message}`);
  }
}

/** Compresses to one snappy block. */
export function compress(bytes: Uint8Array): Uint8Array {
  // snappyjs answers a Buffer with a view of its whole scratch space; a plain array is copied to size.
  return snappyjs.compress(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** The varint in front of a block: at most 32 bits in five bytes. */
function readClaimedLength(body: Uint8Array): { length: number; start: number } {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = body[i];
    if (byte === undefined) throw corrupt(i, 'the block ends inside its length');
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80 && length <= 0xffffffff) return { length, start: i + 1 };
  }
  throw corrupt(0, 'the length is no 32-bit varint');
}

const LITERAL = 0;

/**
 * Walks the tags of a block without copying. snappyjs trusts what this checks: it neither notices output that is too
 * short or too long, nor a literal whose 32-bit length has its top bit set, which would send it backwards for ever.
 */
function checkElements(body: Uint8Array, start: number, claimed: number): void {
  let position = start;
  let produced = 0;
  while (position < body.length) {
    const tag = body[position] as number;
    const kind = tag & 3;
    if (kind === LITERAL) {
      const length = literalLength(body, position, tag >>> 2);
      position += 1 + literalLengthBytes(tag >>> 2) + length;
      produced += length;
      if (position > body.length) throw corrupt(position, `a literal of ${length} bytes ends beyond the block`);
    } else {
      checkOffset(copyOffset(body, position, tag, kind), produced, position);
      position += kind === 3 ? 5 : 1 + kind;
      produced += kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    }
    if (produced > claimed) throw corrupt(position, `it holds more than the ${claimed} bytes it claims`);
  }
  if (produced < claimed) throw corrupt(position, `it holds ${produced} of the ${claimed} bytes it claims`);
}

function literalLength(body: Uint8Array, position: number, size: number): number {
  return (size < 60 ? size : readLittleEndian(body, position + 1, literalLengthBytes(size))) + 1;
}

/** A size from 60 on says how many bytes hold the length (less one); a smaller one is the length itself. */
function literalLengthBytes(size: number): number {
  return size < 60 ? 0 : size - 59;
}

function copyOffset(body: Uint8Array, position: number, tag: number, kind: number): number {
  if (kind === 1) return readLittleEndian(body, position + 1, 1) + (tag >>> 5) * 256;
  return readLittleEndian(body, position + 1, kind === 2 ? 2 : 4);
}

function checkOffset(offset: number, produced: number, position: number): void {
  if (offset > 0 && offset <= produced) return;
  throw corrupt(position, `a copy reaches ${offset} bytes back of ${produced}`);
}

function readLittleEndian(body: Uint8Array, position: number, bytes: number): number {
  if (position + bytes > body.length) throw corrupt(position, 'the block ends inside a tag');
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = (value << 8) | (body[position + i] as number);
  return value >>> 0;
}

function corrupt(position: number, reason: string): SnappyError {
  return new SnappyError(`cannot uncompress a snappy block: ${reason}, at byte ${position}`);
}
