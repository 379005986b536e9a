import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';
import type { RetentionClass } from '../interface.ts';
import { DAY_MS } from '../retention-window.ts';
import { decodeItem } from './decode-item.ts';
import { alignDown, BUCKET_MS, epochsKey, timeDigits } from './keys.ts';
import { readItems } from './read-items.ts';
import type { Table, TableItem } from './table.ts';

/**
 * Writers append to the log of an epoch, two hours of their clock; compaction consumes the logs in order, each once it is
 * closed. A block goes to the epoch of its own bucket, or, when that ended long ago, to the epoch of now: so nothing
 * comes into a closed epoch, and late samples are found where everything new is.
 */
export const EPOCH_MS = BUCKET_MS;

/** A bucket takes blocks into its own epoch until so long after its end. */
const LATE_AFTER_MS = 10 * 60_000;

/** Who was told only so long after the end of an epoch that a write is durable makes it again, in a later epoch. */
const LAST_WRITE_AFTER_MS = 20 * 60_000;

/** When an epoch is closed: ten minutes are left for clocks that differ. */
const CLOSED_AFTER_MS = 30 * 60_000;

/** Compared with `timeDigits` it comes last, so whoever reads from any epoch on reads it too. */
const PROGRESS_SORT_KEY = 'progress';
const PROGRESS_DAYS = 3650;

/** How far compaction has come: everything before (epoch, shard, sk), and that block, stands in chunks. */
export interface Progress {
  readonly epoch: number;
  readonly shard: number;
  readonly sk: string;
}

/** What is known of a log. */
export interface EpochList {
  /** Starts (ms) of the epochs that have blocks, ascending; those before the progress are only not yet cleared away. */
  readonly epochs: readonly number[];
  readonly progress: Progress;
  /** Of the progress item; undefined before the first compaction. */
  readonly version: number | undefined;
}

export function epochOf(bucket: number, now: number): number {
  return now < bucket + BUCKET_MS + LATE_AFTER_MS ? bucket : alignDown(now, EPOCH_MS);
}

/** Whether a write that is known to be durable at `now` surely came before the epoch was closed. */
export function isInTime(epoch: number, now: number): boolean {
  return now < epoch + EPOCH_MS + LAST_WRITE_AFTER_MS;
}

export function isClosed(epoch: number, now: number): boolean {
  return now >= epoch + EPOCH_MS + CLOSED_AFTER_MS;
}

/** The item that lists an epoch; there from before the first block until compaction has cleared everything away. */
export function epochItem(
  tenant: string,
  retentionClass: RetentionClass,
  epoch: number,
  ttlSeconds: number,
): TableItem {
  return { pk: epochsKey(tenant, retentionClass), sk: timeDigits(epoch), payload: new Uint8Array(1), ttlSeconds };
}

/** Reads the epochs from `from` (ms) on, and the progress, in one request. */
export async function readEpochs(
  table: Table,
  tenant: string,
  retentionClass: RetentionClass,
  { from, now, signal }: { readonly from: number; readonly now: number; readonly signal?: AbortSignal | undefined },
): Promise<EpochList> {
  const pk = epochsKey(tenant, retentionClass);
  const epochs: number[] = [];
  let progress: Progress = { epoch: 0, shard: 0, sk: '' };
  let version: number | undefined;
  for await (const items of readItems(table, { pk, from: timeDigits(from), now, signal })) {
    for (const item of items) {
      if (item.sk === PROGRESS_SORT_KEY) {
        progress = decodeItem(pk, item, (payload) => decodeJsonBlock('progress', payload)) as Progress;
        version = item.version;
      } else epochs.push(Number(item.sk));
    }
  }
  return { epochs, progress, version };
}

export function progressItem(
  tenant: string,
  retentionClass: RetentionClass,
  progress: Progress,
  now: number,
): Omit<TableItem, 'version'> {
  return {
    pk: epochsKey(tenant, retentionClass),
    sk: PROGRESS_SORT_KEY,
    payload: encodeJsonBlock('progress', progress),
    ttlSeconds: Math.ceil((now + PROGRESS_DAYS * DAY_MS) / 1000),
  };
}
