import { decodeJsonBlock, encodeJsonBlock } from '../../../chunkenc/json-block.ts';
import type { Resolution } from '../../interface.ts';
import type { StoredItem } from '../read-items.ts';
import type { WindowGroup } from './window-manifest.ts';

/**
 * How far a day has come that takes more than one invocation. It is only as good as the manifests that it was begun with:
 * whoever clears its chunks away, or changes its samples, replaces one of them.
 */
export interface UnfinishedDay {
  /** Start of the day, ms. */
  readonly unit: number;
  /** Tells whether all manifests are still those that the day was begun with, and windows are kept as long. */
  readonly begunWith: string;
  /** The windows of all series up to this one (`seriesOrder`) are written. */
  readonly through: string;
  readonly groups: Readonly<Partial<Record<Resolution, readonly WindowGroup[]>>>;
}

export interface StoredUnfinishedDay extends UnfinishedDay {
  readonly version: number | undefined;
}

export function encodeUnfinishedDay({ unit, begunWith, through, groups }: UnfinishedDay): Uint8Array {
  return encodeJsonBlock('progress', { unit, begunWith, through, groups });
}

/** @throws CorruptBlockError */
export function decodeUnfinishedDay({ payload, version }: StoredItem): StoredUnfinishedDay {
  return { ...(decodeJsonBlock('progress', payload) as UnfinishedDay), version };
}
