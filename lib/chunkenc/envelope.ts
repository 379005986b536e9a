import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block-error.ts';

/** First byte of every block. Numbers are never reused. */
export const BLOCK_KINDS = {
  samples: 1,
  labels: 2,
  metadata: 3,
  ledger: 4,
  chunk: 5,
  manifest: 6,
  leftover: 7,
  progress: 8,
  ruleState: 9,
  register: 12,
  usage: 13,
  histograms: 10,
  histogramChunk: 11,
} as const;
export type BlockKind = keyof typeof BLOCK_KINDS;

const VERSION = 1;
const CRC_BYTES = 4;
/** No block inflates beyond this, whatever its bytes claim. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const STORED = 0;
const DEFLATED = 1;
/** Numbers pack well at once; text gains a few percent from a longer search. */
const DEFLATE_LEVELS: Readonly<Record<BlockKind, number>> = {
  samples: 6,
  labels: 9,
  metadata: 9,
  ledger: 6,
  chunk: 6,
  manifest: 6,
  leftover: 6,
  progress: 1,
  ruleState: 6,
  register: 6,
  usage: 6,
  histograms: 6,
  histogramChunk: 6,
};

/** The parts of a block: `head` stands uncompressed, so that it can be read without inflating `body`. */
export interface Envelope {
  readonly head: Uint8Array;
  /** Inflates on call. */
  readonly body: () => Uint8Array;
}

/** Wraps a block: kind, version, head, body (deflated where that is smaller), CRC-32 of all before it. */
export function seal(kind: BlockKind, head: Uint8Array, body: Uint8Array): Uint8Array {
  if (body.length > MAX_BODY_BYTES) throw new RangeError(`cannot seal ${kind} block: body of ${body.length} bytes`);
  const deflated = deflateRawSync(body, { level: DEFLATE_LEVELS[kind], memLevel: 9 });
  const isSmaller = deflated.length < body.length;
  const writer = new ByteWriter();
  writer.byte(BLOCK_KINDS[kind]);
  writer.byte(VERSION);
  writer.section(head);
  writer.byte(isSmaller ? DEFLATED : STORED);
  writer.varint(body.length);
  writer.append(isSmaller ? deflated : body);
  writer.uint32(crc32(writer.bytes));
  return writer.bytes.slice();
}

/** Whether bytes claim to be a block of a kind; `unseal` tells whether they are. */
export function isOfKind(kind: BlockKind, bytes: Uint8Array): boolean {
  return bytes[0] === BLOCK_KINDS[kind];
}

/** @throws CorruptBlockError when the bytes are damaged, of another kind or of a version this code does not know. */
export function unseal(kind: BlockKind, bytes: Uint8Array): Envelope {
  const reader = new ByteReader(bytes.subarray(0, Math.max(0, bytes.length - CRC_BYTES)));
  const [foundKind, version] = [reader.byte(), reader.byte()];
  if (foundKind !== BLOCK_KINDS[kind]) {
    throw new CorruptBlockError(`cannot read ${kind} block: kind ${foundKind} instead of ${BLOCK_KINDS[kind]}`);
  }
  if (version !== VERSION) throw new CorruptBlockError(`cannot read ${kind} block: unknown version ${version}`);
  checkCrc(kind, bytes);
  const head = reader.section();
  const method = reader.byte();
  const length = reader.varint();
  const packed = reader.take(reader.remaining);
  return { head, body: () => inflate(kind, method, packed, length) };
}

function checkCrc(kind: BlockKind, bytes: Uint8Array): void {
  const expected = new ByteReader(bytes.subarray(-CRC_BYTES)).uint32();
  const found = crc32(bytes.subarray(0, -CRC_BYTES));
  if (expected !== found) {
    throw new CorruptBlockError(
      `cannot read ${kind} block: checksum ${found.toString(16)} is not ${expected.toString(16)}`,
    );
  }
}

function inflate(kind: BlockKind, method: number, packed: Uint8Array, length: number): Uint8Array {
  if (length > MAX_BODY_BYTES) throw new CorruptBlockError(`cannot read ${kind} block: body of ${length} bytes`);
  if (method > DEFLATED) throw new CorruptBlockError(`cannot read ${kind} block: unknown method ${method}`);
  const body = method === STORED ? packed : inflateAtMost(kind, packed, length);
  if (body.length !== length) {
    throw new CorruptBlockError(`cannot read ${kind} block: body has ${body.length} bytes instead of ${length}`);
  }
  return body;
}

function inflateAtMost(kind: BlockKind, packed: Uint8Array, length: number): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, length) });
  } catch (error) {
    throw new CorruptBlockError(`cannot read ${kind} block: ${(error as Error).message}`);
  }
}
