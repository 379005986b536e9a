import { CorruptBlockError } from '../../chunkenc/corrupt-block-error.ts';
import type { StoredItem } from './read-items.ts';

/** Decodes an item's payload; a damaged one is named by its keys, so that somebody can look at it. */
export function decodeItem<T>(
  pk: string,
  item: Pick<StoredItem, 'sk' | 'payload'>,
  decode: (payload: Uint8Array) => T,
): T {
  try {
    return decode(item.payload);
  } catch (error) {
    if (!(error instanceof CorruptBlockError)) throw error;
    throw new CorruptBlockError(`cannot read item ${item.sk} of partition ${pk}: ${error.message}`, { cause: error });
  }
}
