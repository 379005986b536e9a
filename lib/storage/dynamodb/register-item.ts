import { hash } from 'node:crypto';
import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';

/** What the block of a register holds: its name stands inside, for the sort key may not tell it. */
export interface RegisterItem {
  readonly name: string;
  readonly value: unknown;
}

/** A sort key may have 1,024 bytes. */
const MAX_READABLE = 512;

/** A register's name where it is short, as `=NAME`; else 128 bits of its SHA-256, as `#HASH`. */
export function registerSortKey(name: string): string {
  const readable = Buffer.byteLength(name) <= MAX_READABLE;
  return readable ? `=${name}` : `#${hash('sha256', name, 'hex').slice(0, 32)}`;
}

export function encodeRegister(item: RegisterItem): Uint8Array {
  return encodeJsonBlock('register', item);
}

/** @throws CorruptBlockError */
export function decodeRegister(payload: Uint8Array): RegisterItem {
  return decodeJsonBlock('register', payload) as RegisterItem;
}
