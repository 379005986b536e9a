import { type OpenSampleBlock, openSampleBlock } from '../../chunkenc/decode-sample-block.ts';
import { FloatColumnBuilder } from '../float-column-builder.ts';
import type { FloatColumn } from '../interface.ts';
import type { TimeRange } from '../retention-window.ts';
import { sliceColumn } from './build-sample-blocks.ts';
import { decodeItem } from './decode-item.ts';
import { BUCKET_MS, mintOfBlock, timeDigits } from './keys.ts';
import { readItems, type StoredItem } from './read-items.ts';
import type { CatalogSeries } from './series-catalog.ts';
import type { ReaderParts } from './store-parts.ts';

/** A bucket is closed when no sample within the usual lateness can still come into it: a day, and an hour of slack. */
const CLOSED_AFTER_MS = 25 * 3600_000;

/** One partition of sample blocks and the part of time that is wanted of it. */
export interface BucketRead extends TimeRange {
  readonly pk: string;
  /** Start of the bucket, ms. */
  readonly bucket: number;
}

/** The series that a query wants, sorted by id, each with what was found of it so far. */
export class WantedSeries {
  readonly series: readonly CatalogSeries[];
  readonly builders: readonly FloatColumnBuilder[];
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;

  constructor(series: readonly CatalogSeries[]) {
    this.series = [...series].sort((a, b) => (a.identity.id < b.identity.id ? -1 : 1));
    this.builders = this.series.map(() => new FloatColumnBuilder());
    this.#high = Uint32Array.from(this.series, ({ identity }) => identity.high);
    this.#low = Uint32Array.from(this.series, ({ identity }) => identity.low);
  }

  /** Places of series that both this query and a block have: both are sorted by id. */
  *common({ idsHigh, idsLow }: OpenSampleBlock): Generator<[wanted: number, inBlock: number]> {
    let [wanted, inBlock] = [0, 0];
    while (wanted < this.#high.length && inBlock < idsHigh.length) {
      const order =
        (this.#high[wanted] as number) - (idsHigh[inBlock] as number) ||
        (this.#low[wanted] as number) - (idsLow[inBlock] as number);
      if (order === 0) yield [wanted, inBlock];
      if (order <= 0) wanted++;
      if (order >= 0) inBlock++;
    }
  }
}

/** Adds to `wanted` what one partition holds of it in the range. */
export async function readSampleBlocks(
  parts: ReaderParts,
  read: BucketRead,
  wanted: WantedSeries,
  signal: AbortSignal | undefined,
): Promise<void> {
  const from = timeDigits(read.mint);
  for await (const items of bucketItems(parts, read, signal)) {
    for (const item of items) {
      if (item.sk < from || mintOfBlock(item.sk) > read.maxt) continue;
      decodeItem(read.pk, item, (payload) => addBlock(openSampleBlock(payload), read, wanted));
    }
  }
}

/** Of an open bucket only the blocks from mint on are read; a closed one is read whole and kept. */
async function* bucketItems(
  { table, cache, now }: ReaderParts,
  { pk, bucket, mint }: BucketRead,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly StoredItem[]> {
  const query = { pk, now: now(), signal };
  if (bucket + BUCKET_MS + CLOSED_AFTER_MS > query.now) {
    yield* readItems(table, { ...query, from: timeDigits(mint) });
    return;
  }
  const cached = cache.get(pk, query.now);
  if (cached !== undefined) {
    yield cached;
    return;
  }
  const all: StoredItem[] = [];
  for await (const items of readItems(table, query)) {
    all.push(...items);
    yield items;
  }
  cache.set(pk, all, query.now);
}

function addBlock(open: OpenSampleBlock, { mint, maxt }: TimeRange, wanted: WantedSeries): void {
  const places = [...wanted.common(open)];
  if (places.length === 0) return;
  const { offsets, timestamps, values, startTimestamps } = open.samples();
  const all: FloatColumn =
    startTimestamps === undefined ? { timestamps, values } : { timestamps, values, startTimestamps };
  for (const [place, inBlock] of places) {
    const column = sliceColumn(all, offsets[inBlock] as number, offsets[inBlock + 1] as number);
    (wanted.builders[place] as FloatColumnBuilder).pushColumn(column, mint, maxt);
  }
}
