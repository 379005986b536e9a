import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';
import { DAY_MS } from '../retention-window.ts';
import type { CompactorParts } from './compactor-parts.ts';
import { decodeItem } from './decode-item.ts';
import { BUCKET_MS, chunkKey, expiry, leftoversKey, timeDigits } from './keys.ts';
import { type Manifest, manifestItem, readManifest } from './manifest.ts';
import { readItems, type StoredItem } from './read-items.ts';
import { replaceItem } from './replace-item.ts';
import { CHUNK_SORT_KEY, type TableItem } from './table.ts';
import { deleteItems } from './write-items.ts';

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

/** Written before the chunks themselves, so that no chunk is ever forgotten. */
export function leftoverItem(
  { tenant, retentionClass, retention, now }: CompactorParts,
  leftover: Leftover,
): TableItem {
  return {
    pk: leftoversKey(tenant, retentionClass),
    sk: `${timeDigits(now())}#${leftover.run}`,
    payload: encodeJsonBlock('leftover', leftover),
    ttlSeconds: Math.ceil((now() + (retention[retentionClass].days + 2) * DAY_MS) / 1000),
  };
}

export interface Leftovers {
  /** Those old enough to be cleared away, oldest first. */
  readonly due: readonly StoredLeftover[];
  /** Chunks that younger ones replace: queries may still read them, whatever older ones say. */
  readonly spared: ReadonlySet<string>;
}

export async function readLeftovers(parts: CompactorParts): Promise<Leftovers> {
  const { table, tenant, retentionClass, now, keepReplacedMs } = parts;
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

/**
 * Deletes whatever of a leftover the manifest does not name. The run may not have taken effect, and its process may only sleep: so
 * unless it did, the manifest gets a new version first, and the sleeper's attempt fails. Resolves with false when another
 * compaction was faster.
 */
export async function clearLeftover(
  parts: CompactorParts,
  leftover: StoredLeftover,
  spared: ReadonlySet<string>,
): Promise<boolean> {
  const { table, tenant, retentionClass, now } = parts;
  const { bucket, written, replaced, sk } = leftover;
  const manifest = await readManifest(table, tenant, retentionClass, bucket, now());
  const named = new Set(manifest.chunks.map(({ name }) => name));
  const tookEffect = written.length > 0 && written.every((name) => named.has(name));
  if (!tookEffect && !(await renew(parts, manifest))) return false;
  const doomed = [...written, ...replaced].filter((name) => !named.has(name) && !spared.has(name));
  await deleteItems(
    table,
    doomed.map((name) => ({ pk: chunkKey(tenant, retentionClass, bucket, name), sk: CHUNK_SORT_KEY })),
  );
  await deleteItems(table, [{ pk: leftoversKey(tenant, retentionClass), sk }]);
  return true;
}

/** Writes the same manifest as a new version. */
function renew(parts: CompactorParts, manifest: Manifest): Promise<boolean> {
  const { table, tenant, retentionClass, retention } = parts;
  const ttlSeconds = expiry(manifest.bucket, BUCKET_MS, retention[retentionClass].days);
  const item = manifestItem(tenant, retentionClass, { ...manifest, run: parts.newRun() }, ttlSeconds);
  return replaceItem(table, item, manifest.version);
}
