import { decodeJsonBlock, encodeJsonBlock } from '../../../chunkenc/json-block.ts';
import { RESOLUTIONS, type Resolution } from '../../interface.ts';
import { DAY_MS } from '../../retention-window.ts';
import type { CompactorParts } from '../compactor-parts.ts';
import { decodeItem } from '../decode-item.ts';
import { alignDown, timeDigits } from '../keys.ts';
import { readItems, type StoredItem } from '../read-items.ts';
import type { ItemKey, TableItem } from '../table.ts';
import { writeItems } from '../write-items.ts';
import {
  decodeUnfinishedDay,
  encodeUnfinishedDay,
  type StoredUnfinishedDay,
  type UnfinishedDay,
} from './unfinished-day.ts';
import { downsamplingKey } from './window-keys.ts';
import { columnNames } from './window-manifest.ts';

/** A day is downsampled so long after its end, when its samples are compacted and late ones are rare. */
export const SETTLED_AFTER_MS = 6 * 3600_000;

/** Clocks of two compactors differ by less. */
export const CLOCKS_DIFFER_MS = 3600_000;

const PROGRESS_SORT_KEY = 'progress';
const UNFINISHED_SORT_KEY = 'unfinished';
const STATE_DAYS = 3650;

/** A run may leave chunks behind: those that it writes, should it never take effect, and those that it replaces. */
export interface WindowLeftover {
  readonly unit: number;
  readonly resolution: Resolution;
  readonly run: string;
  /** As `columnNames` spells them. */
  readonly written: readonly string[];
  readonly replaced: readonly string[];
}

export interface StoredWindowLeftover extends WindowLeftover {
  readonly sk: string;
}

export interface DownsamplingState {
  /** The last day (ms) up to which all are downsampled; -Infinity before the first. */
  readonly progress: number;
  readonly version: number | undefined;
  /** Days (ms) whose chunks have changed since, with the sort keys that say so. */
  readonly changed: ReadonlyMap<number, readonly string[]>;
  /** A day that was begun, and may be gone on with. */
  readonly unfinished: StoredUnfinishedDay | undefined;
  /** Those old enough to be cleared away, oldest first; none of the unfinished day. */
  readonly due: readonly StoredWindowLeftover[];
  /** Chunks that younger ones replace: queries may still read them. */
  readonly spared: ReadonlySet<string>;
}

/** Whether series of this compactor are downsampled at all, and how. */
export function resolutionsOf({ retentionClass, retention }: CompactorParts): readonly Resolution[] {
  const { downsampled = {} } = retention.derived;
  return retentionClass === 'derived' ? RESOLUTIONS.filter((resolution) => downsampled[resolution] !== undefined) : [];
}

/** Reads all of it in one request. */
export async function readDownsamplingState(parts: CompactorParts): Promise<DownsamplingState> {
  const { table, tenant, now, keepReplacedMs } = parts;
  const pk = downsamplingKey(tenant);
  const changed = new Map<number, string[]>();
  const due: StoredWindowLeftover[] = [];
  const spared = new Set<string>();
  const dueUntil = leftoverSortKey(now() - keepReplacedMs, '');
  let [progress, version] = [Number.NEGATIVE_INFINITY, undefined as number | undefined];
  let unfinished: StoredUnfinishedDay | undefined;
  for await (const items of readItems(table, { pk, now: now() })) {
    for (const item of items) {
      if (item.sk === PROGRESS_SORT_KEY) {
        progress = (decodeItem(pk, item, (payload) => decodeJsonBlock('progress', payload)) as { day: number }).day;
        version = item.version;
      } else if (item.sk === UNFINISHED_SORT_KEY) {
        unfinished = decodeItem(pk, item, () => decodeUnfinishedDay(item));
      } else if (item.sk.startsWith(CHANGED)) {
        const unit = Number(item.sk.slice(CHANGED.length).split('#', 1)[0]);
        changed.set(unit, [...(changed.get(unit) ?? []), item.sk]);
      } else {
        const leftover = decodeItem(pk, item, () => decodeLeftover(item));
        if (item.sk < dueUntil) due.push({ ...leftover, sk: item.sk });
        else for (const name of leftover.replaced) spared.add(name);
      }
    }
  }
  const needed = new Set(
    Object.values(unfinished?.groups ?? {})
      .flat()
      .flatMap(columnNames),
  );
  const isOver = ({ written }: WindowLeftover) => !written.some((name) => needed.has(name));
  return { progress, version, changed, unfinished, due: due.filter(isOver), spared };
}

const CHANGED = 'changed#';

/**
 * Notes that chunks of a bucket have changed, where its days may have been downsampled before. Called when it is certain
 * whether the run of that compaction took effect, and before that is forgotten; so whoever sees the note sees the change.
 */
export async function noteChange(parts: CompactorParts, bucket: number, run: string): Promise<void> {
  if (resolutionsOf(parts).length === 0) return;
  const day = alignDown(bucket, DAY_MS);
  // The first sample of a day may belong to the last window of the day before.
  const units = bucket === day ? [day - DAY_MS, day] : [day];
  const due = units.filter((unit) => isSettled(unit, parts.now() + CLOCKS_DIFFER_MS));
  await writeItems(
    parts.table,
    due.map((unit): TableItem => {
      const key = { pk: downsamplingKey(parts.tenant), sk: `${CHANGED}${timeDigits(unit)}#${run}` };
      return { ...key, payload: new Uint8Array(1), ttlSeconds: stateExpiry(parts) };
    }),
  );
}

/** Whether a day is over for so long that it may be downsampled. */
export function isSettled(unit: number, now: number): boolean {
  return unit + DAY_MS + SETTLED_AFTER_MS <= now;
}

export function progressItem(parts: CompactorParts, day: number): Omit<TableItem, 'version'> {
  return {
    pk: downsamplingKey(parts.tenant),
    sk: PROGRESS_SORT_KEY,
    payload: encodeJsonBlock('progress', { day }),
    ttlSeconds: stateExpiry(parts),
  };
}

export function unfinishedItem(parts: CompactorParts, day: UnfinishedDay): Omit<TableItem, 'version'> {
  return { ...unfinishedKey(parts.tenant), payload: encodeUnfinishedDay(day), ttlSeconds: stateExpiry(parts) };
}

export function unfinishedKey(tenant: string): ItemKey {
  return stateKey(tenant, UNFINISHED_SORT_KEY);
}

/** Written before the chunks themselves, so that no chunk is ever forgotten. */
export function windowLeftoverItem(parts: CompactorParts, leftover: WindowLeftover, part: number): TableItem {
  return {
    pk: downsamplingKey(parts.tenant),
    sk: leftoverSortKey(parts.now(), `${leftover.run}#${leftover.resolution}#${part}`),
    payload: encodeJsonBlock('leftover', leftover),
    ttlSeconds: stateExpiry(parts),
  };
}

export function stateKey(tenant: string, sk: string): ItemKey {
  return { pk: downsamplingKey(tenant), sk };
}

function leftoverSortKey(ms: number, name: string): string {
  return `leftover#${timeDigits(ms)}#${name}`;
}

function decodeLeftover({ payload }: StoredItem): WindowLeftover {
  return decodeJsonBlock('leftover', payload) as WindowLeftover;
}

function stateExpiry({ now }: CompactorParts): number {
  return Math.ceil((now() + STATE_DAYS * DAY_MS) / 1000);
}
