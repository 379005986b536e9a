import { CorruptBlockError } from './corrupt-block-error.ts';
import { type BlockKind, seal, unseal } from './envelope.ts';

/** Packs small, structured things that are rarely written: JSON, deflated. Object keys keep their order. */
export function encodeJsonBlock(kind: BlockKind, value: unknown): Uint8Array {
  return seal(kind, new Uint8Array(0), Buffer.from(JSON.stringify(value), 'utf8'));
}

/**
 * What `encodeJsonBlock` packed; the caller knows its shape by the kind.
 *
 * @throws CorruptBlockError
 */
export function decodeJsonBlock(kind: BlockKind, bytes: Uint8Array): unknown {
  const body = unseal(kind, bytes).body();
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch (error) {
    throw new CorruptBlockError(`cannot read ${kind} block: ${(error as Error).message}`);
  }
}
