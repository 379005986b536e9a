import { decodeLabelsBlock } from '../../chunkenc/decode-labels-block.ts';
import type { Labels } from '../../model/labels.ts';
import type { CompactionStep } from '../compactor.ts';
import { DAY_MS } from '../retention-window.ts';
import { buildLabelsBlocks } from './build-labels-blocks.ts';
import { type CompactorParts, toStep } from './compactor-parts.ts';
import { DAY_OPEN, DAY_PACKED, dayItem } from './day-item.ts';
import { decodeItem } from './decode-item.ts';
import { daysKey, expiry, labelsKey, writtenSortKey } from './keys.ts';
import { readItems, type StoredItem } from './read-items.ts';
import { contentHash, type TableItem } from './table.ts';
import { deleteItems, writeItems } from './write-items.ts';

/** A day's labels are packed so long after its end, when late series are rare. */
const PACKED_AFTER_MS = 2 * 3600_000;

/** Blocks of this many bytes are left as they are. */
const FULL_BYTES = 100_000;

/** Label sets taken into memory at once. */
const MAX_SERIES = 200_000;

/** The oldest day whose labels may be packed now; undefined when there is none. */
export async function dayToPack(parts: CompactorParts): Promise<number | undefined> {
  const { table, tenant, retentionClass, now } = parts;
  for await (const items of readItems(table, { pk: daysKey(tenant, retentionClass), now: now() })) {
    for (const { sk, payload } of items) {
      const day = Number(sk);
      if (payload[0] === DAY_OPEN && day + DAY_MS + PACKED_AFTER_MS <= now()) return day;
    }
  }
  return undefined;
}

/**
 * Packs the small labels blocks of a day into few, sorted, each series once. Label sets are a set: it does not matter that
 * old and new blocks stand side by side for a moment. The new ones sort after the old ones, so a reader that misses a
 * block because it was just deleted comes to the one that replaced it.
 */
export async function compactLabels(parts: CompactorParts, day: number): Promise<CompactionStep> {
  const { table, tenant, retentionClass, retention, now } = parts;
  const pk = labelsKey(tenant, retentionClass, day);
  const { series, inputs, isAll } = await readSmallBlocks(parts, pk);
  const ttlSeconds = expiry(day, DAY_MS, retention[retentionClass].days);
  const items = buildLabelsBlocks([...series.values()]).map((payload): TableItem => {
    return { pk, sk: writtenSortKey(now(), contentHash(payload)), payload, ttlSeconds };
  });
  const written: TableItem[] = [];
  if (items.length < inputs.length) {
    await writeItems(table, items);
    const kept = new Set(items.map(({ sk }) => sk));
    const replaced = inputs.filter(({ sk }) => !kept.has(sk)).map(({ sk }) => ({ pk, sk }));
    await deleteItems(table, replaced);
    written.push(...items);
  }
  if (isAll || written.length === 0) {
    const entry = dayItem(tenant, retentionClass, day, DAY_PACKED, ttlSeconds);
    await writeItems(table, [entry]);
    written.push(entry);
  }
  return toStep('tidied', 0, 0, written);
}

async function readSmallBlocks({ table, now }: CompactorParts, pk: string) {
  const series = new Map<string, Labels>();
  const inputs: StoredItem[] = [];
  for await (const items of readItems(table, { pk, now: now() })) {
    for (const item of items) {
      if (item.payload.length >= FULL_BYTES) continue;
      if (series.size >= MAX_SERIES) return { series, inputs, isAll: false };
      for (const labels of decodeItem(pk, item, decodeLabelsBlock)) series.set(labels.key, labels);
      inputs.push(item);
    }
  }
  return { series, inputs, isAll: true };
}
