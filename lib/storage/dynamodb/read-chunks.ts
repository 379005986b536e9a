import { StorageUnavailableError } from '../errors.ts';
import type { RetentionClass } from '../interface.ts';
import { DAY_MS, type TimeRange } from '../retention-window.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { decodeItem } from './decode-item.ts';
import { getItems } from './get-items.ts';
import { alignDown, alignedStarts, BUCKET_MS, chunkKey } from './keys.ts';
import { type ChunkRef, readManifests } from './manifest.ts';
import type { ReaderParts } from './store-parts.ts';
import { openAnyChunk } from './stored-samples.ts';
import { CHUNK_SORT_KEY } from './table.ts';
import type { WantedSeries } from './wanted-series.ts';

const MAX_PARALLEL_READS = 8;
/** Chunks fetched before they are looked at, some 30 KB each: as many as `getItems` asks for side by side. */
const MAX_FETCHED = 400;
/** Compactions replace chunks, and delete them an hour later; who is slower than that starts again, so often. */
const MAX_ATTEMPTS = 4;

/** What is wanted of the chunks of one class. */
export interface ChunkRead extends TimeRange {
  readonly tenant: string;
  readonly retentionClass: RetentionClass;
  /** Starts of the days that have a wanted series, ms. */
  readonly days: readonly number[];
}

/** Adds to `wanted` what chunks hold of it: manifests tell which, and those that are not in memory are fetched at once. */
export async function readChunks(
  parts: ReaderParts,
  read: ChunkRead,
  wanted: WantedSeries,
  signal: AbortSignal | undefined,
): Promise<void> {
  let days = read.days;
  for (let attempt = 0; days.length > 0; attempt++) {
    if (attempt === MAX_ATTEMPTS) {
      throw new StorageUnavailableError(
        `cannot read chunks of table ${parts.table.tableName}: replaced ${attempt} times while they were read`,
      );
    }
    const refs = await neededChunks(parts, { ...read, days }, wanted, signal);
    const missing = await takeChunks(parts, refs, read, wanted, signal);
    days = [...new Set(missing.map(({ bucket }) => alignDown(bucket, DAY_MS)))];
  }
}

interface NeededChunk {
  readonly pk: string;
  readonly bucket: number;
}

async function neededChunks(
  { table, now }: ReaderParts,
  { tenant, retentionClass, days, mint, maxt }: ChunkRead,
  wanted: WantedSeries,
  signal: AbortSignal | undefined,
): Promise<NeededChunk[]> {
  const needed: NeededChunk[] = [];
  const isNeeded = (ref: ChunkRef) => ref.maxt >= mint && ref.mint <= maxt && wanted.mayBeIn(ref);
  await boundedParallel(days, MAX_PARALLEL_READS, async (day) => {
    const buckets = alignedStarts({ mint: Math.max(mint, day), maxt: Math.min(maxt, day + DAY_MS - 1) }, BUCKET_MS);
    const range = { mint: Math.min(...buckets), maxt: Math.max(...buckets) };
    for (const { bucket, chunks } of await readManifests(table, tenant, retentionClass, range, {
      now: now(),
      signal,
    })) {
      for (const ref of chunks) {
        if (isNeeded(ref)) needed.push({ pk: chunkKey(tenant, retentionClass, bucket, ref.name), bucket });
      }
    }
  });
  return needed;
}

/** Adds to `wanted` what some chunks hold of it. Resolves with those that are not there any more. */
export async function takeChunks<T extends Pick<NeededChunk, 'pk'>>(
  { table, cache }: ReaderParts,
  needed: readonly T[],
  range: TimeRange,
  wanted: WantedSeries,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const toFetch: T[] = [];
  for (const chunk of needed) {
    const payload = cache.get(chunk.pk);
    if (payload === undefined) toFetch.push(chunk);
    else takeChunk(chunk.pk, payload, range, wanted);
  }
  const missing: T[] = [];
  for (let begin = 0; begin < toFetch.length; begin += MAX_FETCHED) {
    const part = toFetch.slice(begin, begin + MAX_FETCHED);
    const fetched = await getItems(
      table,
      part.map(({ pk }) => ({ pk, sk: CHUNK_SORT_KEY })),
      signal,
    );
    for (const chunk of part) {
      const payload = fetched.get(chunk.pk)?.payload;
      if (payload === undefined) {
        missing.push(chunk);
        continue;
      }
      takeChunk(chunk.pk, payload, range, wanted);
      cache.set(chunk.pk, payload);
    }
  }
  return missing;
}

function takeChunk(pk: string, payload: Uint8Array, { mint, maxt }: TimeRange, wanted: WantedSeries): void {
  decodeItem(pk, { sk: CHUNK_SORT_KEY, payload }, () => {
    const { groups, samples } = openAnyChunk(payload);
    let decoded: ReturnType<typeof samples> | undefined;
    const once = () => (decoded ??= samples());
    let offset = 0;
    for (const group of groups) {
      wanted.take(group, once, { mint, maxt }, offset);
      offset += group.idsHigh.length;
    }
  });
}
