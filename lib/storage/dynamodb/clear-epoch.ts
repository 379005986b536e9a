import type { CompactionStep } from '../compactor.ts';
import { LEFT_TO_EXPIRE_DAYS } from '../retention-window.ts';
import { type CompactorParts, toStep } from './compactor-parts.ts';
import { epochItem } from './epochs.ts';
import { samplesKey } from './keys.ts';
import { readItems } from './read-items.ts';
import type { ItemKey } from './table.ts';
import { deleteItems } from './write-items.ts';

/** One piece of work. */
const MAX_DELETES = 2000;

/** Removes the blocks of an epoch that compaction has consumed, and in the end its entry. */
export async function clearEpoch(parts: CompactorParts, epoch: number): Promise<CompactionStep> {
  const { table, tenant, retentionClass, retention, shards, now } = parts;
  if (retention[retentionClass].days > LEFT_TO_EXPIRE_DAYS) {
    for (let shard = 0; shard < shards; shard++) {
      const keys: ItemKey[] = [];
      const pk = samplesKey(tenant, retentionClass, shard, epoch);
      for await (const items of readItems(table, { pk, now: now() })) {
        for (const { sk } of items) keys.push({ pk, sk });
        if (keys.length >= MAX_DELETES) break;
      }
      await deleteItems(table, keys);
      if (keys.length >= MAX_DELETES) return toStep('cleared');
    }
  }
  await deleteItems(table, [epochItem(tenant, retentionClass, epoch, 0)]);
  return toStep('cleared');
}
