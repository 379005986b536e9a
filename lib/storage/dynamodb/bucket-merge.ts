import { DAY_MS } from '../retention-window.ts';
import { type BuiltChunk, buildChunks } from './build-chunks.ts';
import type { CompactorParts } from './compactor-parts.ts';
import { decodeItem } from './decode-item.ts';
import type { GatheredSeries } from './gathered-series.ts';
import { getItems } from './get-items.ts';
import { BUCKET_MS, chunkKey, expiry } from './keys.ts';
import { leftoverItem } from './leftover.ts';
import { type ChunkRef, type Manifest, manifestItem, readManifest, runOf, weightOf } from './manifest.ts';
import { replaceItem } from './replace-item.ts';
import { CHUNK_SORT_KEY, type TableItem } from './table.ts';
import { writeItems } from './write-items.ts';

/** New samples that weigh at least this part of the old ones are worth writing the old ones again. */
const WORTH_REWRITING = 0.25;

/** A bucket of more runs than this is written again whatever it costs: every run is one more read of each query. */
export const MAX_RUNS = 4;

/** The metric name of a series that only blocks had. */
export type MetricOf = (high: number, low: number) => string;

/** What a merge wrote, or `undefined` when another compaction was faster. */
export interface Merged {
  readonly samples: number;
  readonly items: readonly TableItem[];
}

/**
 * Merges new samples of a bucket into its chunks: writes what is to be cleared away if this ends half-way, then chunks,
 * and last the manifest, which makes all of it take effect at once. `gathered` is owned by this call, and weighs
 * `newWeight` floats.
 */
export async function mergeBucket(
  parts: CompactorParts,
  bucket: number,
  gathered: GatheredSeries,
  newWeight: number,
  metricOf: MetricOf,
): Promise<Merged | undefined> {
  const manifest = await readManifest(parts.table, parts.tenant, parts.retentionClass, bucket, parts.now());
  return rewrite(parts, manifest, toRewrite(manifest, newWeight, parts.sliceSamples), gathered, metricOf);
}

/** Replaces some chunks of a bucket by what they hold together with `gathered`. */
export async function rewrite(
  parts: CompactorParts,
  manifest: Manifest,
  replaced: readonly ChunkRef[],
  gathered: GatheredSeries,
  metricOf: MetricOf,
): Promise<Merged | undefined> {
  const { table, tenant, retentionClass, retention, now } = parts;
  const { bucket } = manifest;
  const days = retention[retentionClass].days;
  if (!(await addChunks(parts, bucket, replaced, gathered))) return undefined;
  const run = parts.newRun();
  const built = buildChunks(gathered.build(now() - days * DAY_MS, metricOf));
  if (built.length === 0 && replaced.length === 0) return { samples: 0, items: [] };
  const refs = built.map((chunk, i): ChunkRef => toRef(chunk, `${run}/${i}`));
  const ttlSeconds = expiry(bucket, BUCKET_MS, days);
  const leftover = leftoverItem(parts, {
    bucket,
    run,
    written: refs.map(({ name }) => name),
    replaced: replaced.map(({ name }) => name),
  });
  const chunks = built.map(({ payload }, i): TableItem => {
    const pk = chunkKey(tenant, retentionClass, bucket, (refs[i] as ChunkRef).name);
    return { pk, sk: CHUNK_SORT_KEY, payload, ttlSeconds };
  });
  await writeItems(table, [leftover]);
  await writeItems(table, chunks);
  const gone = new Set(replaced);
  const kept = manifest.chunks.filter((ref) => !gone.has(ref));
  const item = manifestItem(tenant, retentionClass, {
    bucket,
    run,
    chunks: [...kept, ...refs],
    // Chunks that stay expire when they were to, even if the class is kept longer by now.
    ttlSeconds: kept.length === 0 ? ttlSeconds : Math.min(ttlSeconds, manifest.ttlSeconds),
  });
  if (!(await replaceManifest(parts, manifest, item, run))) return undefined;
  const samples = built.reduce((sum, chunk) => sum + chunk.samples, 0);
  return { samples, items: [leftover, ...chunks, item] };
}

/** A request whose answer was lost is sent again and then finds its own work: reading the manifest tells. */
async function replaceManifest(
  { table, tenant, retentionClass, now }: CompactorParts,
  { bucket, version }: Manifest,
  item: Omit<TableItem, 'version'>,
  run: string,
): Promise<boolean> {
  if (await replaceItem(table, item, version)) return true;
  return (await readManifest(table, tenant, retentionClass, bucket, now())).run === run;
}

/** Which of the chunks are written again: all, where that is worth it and fits one slice of work; otherwise none. */
function toRewrite({ chunks }: Manifest, newWeight: number, sliceSamples: number): readonly ChunkRef[] {
  const weight = weightOf(chunks);
  if (weight + newWeight > sliceSamples) return [];
  return newWeight >= weight * WORTH_REWRITING || new Set(chunks.map(runOf)).size >= MAX_RUNS ? chunks : [];
}

/** false: a chunk is not there any more, so another compaction has replaced it. */
async function addChunks(
  { table, tenant, retentionClass }: CompactorParts,
  bucket: number,
  refs: readonly ChunkRef[],
  gathered: GatheredSeries,
): Promise<boolean> {
  const keys = refs.map(({ name }) => ({ pk: chunkKey(tenant, retentionClass, bucket, name), sk: CHUNK_SORT_KEY }));
  const found = await getItems(table, keys);
  if (found.size < keys.length) return false;
  for (const [pk, item] of found) decodeItem(pk, item, (payload) => gathered.addChunk(payload));
  return true;
}

function toRef({ payload: _, ...rest }: BuiltChunk, name: string): ChunkRef {
  return { name, ...rest };
}
