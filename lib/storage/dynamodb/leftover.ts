import { encodeJsonBlock } from '../../chunkenc/json-block.ts';
import { DAY_MS } from '../retention-window.ts';
import type { CompactorParts } from './compactor-parts.ts';
import { noteChange } from './downsampling/downsampling-state.ts';
import { BUCKET_MS, chunkKey, expiry, leftoversKey, timeDigits } from './keys.ts';
import { type Manifest, manifestItem, readManifest } from './manifest.ts';
import type { Leftover, StoredLeftover } from './read-leftovers.ts';
import { replaceItem } from './replace-item.ts';
import { CHUNK_SORT_KEY, type TableItem } from './table.ts';
import { deleteItems } from './write-items.ts';

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
  const { bucket, run, written, replaced, sk } = leftover;
  const manifest = await readManifest(table, tenant, retentionClass, bucket, now());
  const named = new Set(manifest.chunks.map(({ name }) => name));
  const tookEffect = written.length > 0 && written.every((name) => named.has(name));
  if (!tookEffect && !(await renew(parts, manifest))) return false;
  await noteChange(parts, bucket, run);
  const doomed = [...written, ...replaced].filter((name) => !named.has(name) && !spared.has(name));
  await deleteItems(
    table,
    doomed.map((name) => ({ pk: chunkKey(tenant, retentionClass, bucket, name), sk: CHUNK_SORT_KEY })),
  );
  await deleteItems(table, [{ pk: leftoversKey(tenant, retentionClass), sk }]);
  return true;
}

/** Writes the same manifest as a new version, which expires with its chunks; where there was none, an empty one. */
function renew(parts: CompactorParts, manifest: Manifest): Promise<boolean> {
  const { table, tenant, retentionClass, retention } = parts;
  const ofNone = expiry(manifest.bucket, BUCKET_MS, retention[retentionClass].days);
  const ttlSeconds = manifest.version === undefined ? ofNone : manifest.ttlSeconds;
  const item = manifestItem(tenant, retentionClass, { ...manifest, run: parts.newRun(), ttlSeconds });
  return replaceItem(table, item, manifest.version);
}
