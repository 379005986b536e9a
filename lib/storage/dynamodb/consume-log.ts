import type { CompactionStep } from '../compactor.ts';
import { DAY_MS } from '../retention-window.ts';
import { mergeBucket } from './bucket-merge.ts';
import type { CompactorParts } from './compactor-parts.ts';
import { toStep } from './compactor-parts.ts';
import { decodeItem } from './decode-item.ts';
import { EPOCH_MS, type EpochList, type Progress, progressItem } from './epochs.ts';
import { GatheredSeries } from './gathered-series.ts';
import { alignDown, BUCKET_MS, labelsKey, mintOfBlock, samplesKey } from './keys.ts';
import { MetricNames } from './metric-names.ts';
import { readItems } from './read-items.ts';
import { replaceItem } from './replace-item.ts';
import type { TableItem } from './table.ts';

interface BucketSlice {
  readonly gathered: GatheredSeries;
  /** In floats. */
  weight: number;
}

/** A part of a log, by start of bucket, and where to go on. */
interface LogSlice {
  readonly buckets: ReadonlyMap<number, BucketSlice>;
  readonly samples: number;
  readonly next: Progress;
}

/**
 * Takes the next part of a closed epoch's log into chunks and moves the progress on. Whatever it is killed at, the part is
 * taken again, and samples that are in chunks already settle with themselves.
 *
 * @throws CorruptBlockError, SeriesCollisionError, StorageUnavailableError; the progress then stays where it is.
 */
export async function consumeLog(
  parts: CompactorParts,
  epoch: number,
  list: EpochList,
  recent: RecentNames,
): Promise<CompactionStep> {
  const { tenant, retentionClass, now } = parts;
  const begin = list.progress.epoch === epoch ? list.progress : { epoch, shard: 0, sk: '' };
  const slice = await readSlice(parts, begin);
  const items: TableItem[] = [];
  let [samplesWritten, namesDay, names] = [0, -1, undefined as MetricNames | undefined];
  for (const bucket of [...slice.buckets.keys()].sort((a, b) => a - b)) {
    const { gathered, weight } = slice.buckets.get(bucket) as BucketSlice;
    const day = alignDown(bucket, DAY_MS);
    // Read after the blocks: labels are durable before any block that needs them.
    if (day !== namesDay) names = await namesOf(parts, day, recent);
    namesDay = day;
    const merged = await mergeBucket(parts, bucket, gathered, weight, (high, low) => names?.of(high, low) ?? '');
    if (merged === undefined) return toStep('overtaken', slice.samples, samplesWritten, items);
    items.push(...merged.items);
    samplesWritten += merged.samples;
  }
  const progress = progressItem(tenant, retentionClass, slice.next, now());
  if (!(await replaceItem(parts.table, progress, list.version))) {
    return toStep('overtaken', slice.samples, samplesWritten, items);
  }
  return toStep('merged', slice.samples, samplesWritten, [...items, progress]);
}

/** The names of the day that was compacted last: pieces of one epoch ask for them again and again. */
export interface RecentNames {
  names: MetricNames | undefined;
}

async function namesOf(
  { table, tenant, retentionClass, identify, now }: CompactorParts,
  day: number,
  recent: RecentNames,
): Promise<MetricNames> {
  const pk = labelsKey(tenant, retentionClass, day);
  const names = recent.names?.pk === pk ? recent.names : new MetricNames(pk);
  recent.names = names;
  await names.refresh(table, identify, now());
  return names;
}

/** Reads blocks from a place on until there are enough samples for one piece of work, or the log ends. */
async function readSlice(parts: CompactorParts, begin: Progress): Promise<LogSlice> {
  const { table, tenant, retentionClass, shards, sliceSamples, now } = parts;
  const buckets = new Map<number, BucketSlice>();
  let [samples, weight] = [0, 0];
  for (let shard = begin.shard; shard < shards; shard++) {
    const pk = samplesKey(tenant, retentionClass, shard, begin.epoch);
    // `!` comes before every character of a sort key, so this is the next key after that one.
    const from = shard === begin.shard ? `${begin.sk}!` : '!';
    for await (const items of readItems(table, { pk, from, now: now() })) {
      for (const item of items) {
        const bucket = alignDown(mintOfBlock(item.sk), BUCKET_MS);
        const slice = buckets.get(bucket) ?? { gathered: new GatheredSeries(), weight: 0 };
        buckets.set(bucket, slice);
        const block = decodeItem(pk, item, (payload) => slice.gathered.addBlock(payload));
        slice.weight += block.weight;
        weight += block.weight;
        samples += block.count;
        if (weight >= sliceSamples) return { buckets, samples, next: { epoch: begin.epoch, shard, sk: item.sk } };
      }
    }
  }
  return { buckets, samples, next: { epoch: begin.epoch + EPOCH_MS, shard: 0, sk: '' } };
}
