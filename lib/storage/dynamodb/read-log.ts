import type { TimeRange } from '../retention-window.ts';
import { decodeItem } from './decode-item.ts';
import { BUCKET_MS, mintOfBlock, timeDigits } from './keys.ts';
import { readItems } from './read-items.ts';
import { openBlock } from './stored-samples.ts';
import type { Table } from './table.ts';
import type { WantedSeries } from './wanted-series.ts';

/** One partition of a log and the part of time that is wanted of it. */
export interface LogRead extends TimeRange {
  readonly pk: string;
}

/**
 * Adds to `wanted` what one partition of blocks holds of it in the range. Blocks sort by their last sample and none is
 * longer than a bucket, so only those near the range are read.
 */
export async function readLog(
  table: Table,
  { pk, mint, maxt }: LogRead,
  wanted: WantedSeries,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  // The greatest sort key of a time: `~` comes after `#` and all digits.
  const to = `${timeDigits(Math.min(maxt, now * 2) + BUCKET_MS)}~`;
  for await (const items of readItems(table, { pk, from: timeDigits(mint), to, now, signal })) {
    for (const item of items) {
      if (mintOfBlock(item.sk) > maxt) continue;
      decodeItem(pk, item, (payload) => {
        const open = openBlock(payload);
        wanted.take(open, open.samples, { mint, maxt });
      });
    }
  }
}
