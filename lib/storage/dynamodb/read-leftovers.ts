import { decodeJsonBlock } from '../../chunkenc/json-block.ts';
import type { CompactorParts } from './compactor-parts.ts';
import { decodeItem } from './decode-item.ts';
import { leftoversKey, timeDigits } from './keys.ts';
import { readItems, type StoredItem } from './read-items.ts';

/** How long replaced chunks stay for queries that have begun, ms. */
export const KEEP_REPLACED_MS = 3600_000;

/** Whose leftovers, and what reading them takes. */
export type LeftoversOf = Pick<CompactorParts, 'table' | 'tenant' | 'retentionClass' | 'now' | 'keepReplacedMs'>;

/** What one run may leave behind: the chunks that it writes, should it never take effect, and those that it replaces. */
export interface Leftover {
  readonly bucket: number;
  readonly run: string;
  readonly written: readonly string[];
  readonly replaced: readonly string[];
}

export interface StoredLeftover extends Leftover {
  readonly sk: string;
}

export interface Leftovers {
  /** Those old enough to be cleared away, oldest first. */
  readonly due: readonly StoredLeftover[];
  /** Chunks that younger ones replace: queries may still read them, whatever older ones say. */
  readonly spared: ReadonlySet<string>;
}

export async function readLeftovers({
  table,
  tenant,
  retentionClass,
  now,
  keepReplacedMs,
}: LeftoversOf): Promise<Leftovers> {
  const pk = leftoversKey(tenant, retentionClass);
  const due: StoredLeftover[] = [];
  const spared = new Set<string>();
  const dueUntil = timeDigits(now() - keepReplacedMs);
  for await (const items of readItems(table, { pk, now: now() })) {
    for (const item of items) {
      const leftover = decodeItem(pk, item, () => decodeLeftover(item));
      if (item.sk < dueUntil) due.push({ ...leftover, sk: item.sk });
      else for (const name of leftover.replaced) spared.add(name);
    }
  }
  return { due, spared };
}

function decodeLeftover({ payload }: StoredItem): Leftover {
  return decodeJsonBlock('leftover', payload) as Leftover;
}
