import { DAY_MS } from '../../retention-window.ts';
import type { CompactorParts } from '../compactor-parts.ts';
import { expiry } from '../keys.ts';
import { replaceItem } from '../replace-item.ts';
import { CHUNK_SORT_KEY } from '../table.ts';
import { deleteItems } from '../write-items.ts';
import { type StoredWindowLeftover, stateKey } from './downsampling-state.ts';
import { windowsKey } from './window-keys.ts';
import { columnNames, readWindowManifest, type WindowManifest, windowManifestItem } from './window-manifest.ts';

/**
 * Deletes whatever of a leftover the manifest does not name. The run may not have taken effect, and its process may only
 * sleep: then the manifest gets a new version first, and the sleeper's attempt fails. Resolves with false when another process
 * was faster.
 */
export async function clearWindowLeftover(
  parts: CompactorParts,
  { unit, resolution, run, written, replaced, sk }: StoredWindowLeftover,
  spared: ReadonlySet<string>,
): Promise<boolean> {
  const { table, tenant, now } = parts;
  const manifest = await readWindowManifest(table, tenant, resolution, unit, now());
  const named = new Set(manifest.groups.flatMap(columnNames));
  const tookEffect = manifest.run === run || (written.length > 0 && written.every((name) => named.has(name)));
  if (!tookEffect && !(await renew(parts, resolution, manifest))) return false;
  const doomed = [...written, ...replaced].filter((name) => !named.has(name) && !spared.has(name));
  await deleteItems(
    table,
    doomed.map((name) => ({ pk: windowsKey(tenant, resolution, unit, name), sk: CHUNK_SORT_KEY })),
  );
  await deleteItems(table, [stateKey(tenant, sk)]);
  return true;
}

/**
 * Writes the same manifest as a new version, which expires with its chunks; of a day that was never downsampled, one that says
 * so.
 */
function renew(
  parts: CompactorParts,
  resolution: StoredWindowLeftover['resolution'],
  manifest: WindowManifest,
): Promise<boolean> {
  const { table, tenant, retention } = parts;
  const ofNone = expiry(manifest.unit, DAY_MS, retention.derived.downsampled?.[resolution]?.days ?? 0);
  const ttlSeconds = manifest.version === undefined ? ofNone : manifest.ttlSeconds;
  const item = windowManifestItem(tenant, resolution, { ...manifest, run: parts.newRun(), ttlSeconds });
  return replaceItem(table, item, manifest.version);
}
