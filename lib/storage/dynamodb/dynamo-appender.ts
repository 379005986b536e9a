import { decodeLabelsBlock } from '../../chunkenc/decode-labels-block.ts';
import type { Histogram } from '../../model/histogram.ts';
import type { Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { Sample } from '../../model/sample.ts';
import { checkHistogram, checkSample } from '../check-sample.ts';
import { StorageUnavailableError } from '../errors.ts';
import type { Appender, CommitReport, RefusedSeries, RetentionClass } from '../interface.ts';
import { DAY_MS } from '../retention-window.ts';
import type { SeriesIdentity } from '../series-identity.ts';
import { buildLabelsBlocks } from './build-labels-blocks.ts';
import { type BuiltBlock, buildSampleBlocks } from './build-sample-blocks.ts';
import { cutColumns } from './cut-columns.ts';
import { DAY_OPEN, dayItem } from './day-item.ts';
import { decodeItem } from './decode-item.ts';
import { EPOCH_MS, epochItem, epochOf, isInTime } from './epochs.ts';
import { cutBatch, packBatch } from './float-batch.ts';
import { BUCKET_MS, blockSortKey, expiry, labelsKey, samplesKey, writtenSortKey } from './keys.ts';
import { KnownSeries } from './known-series.ts';
import { type BuiltBatch, collision, type MixedSeries, PendingBatch } from './pending-batch.ts';
import { readItems } from './read-items.ts';
import type { WriterParts } from './store-parts.ts';
import { contentHash, itemBytes, type TableItem, writeUnitsOf } from './table.ts';
import { writeItems } from './write-items.ts';
import type { WrittenSeries } from './written-series.ts';

/** Labels that must be written before the samples that need them. */
interface NewLabels {
  readonly pk: string;
  readonly newSeries: number;
  /** Those whose labels are stored there, once the items are durable. */
  readonly series: readonly WrittenSeries[];
  /** What may be called known of the partition once the items are durable. */
  readonly identities: readonly SeriesIdentity[];
  readonly items: readonly TableItem[];
  /** Those whose ids are stored there for others. */
  readonly collisions: readonly RefusedSeries[];
}

/** What is written, and what is not. */
interface Writable {
  readonly batch: BuiltBatch;
  readonly newLabels: readonly NewLabels[];
  readonly refused: readonly RefusedSeries[];
}

/** A block that is not written yet. */
interface PendingBlock extends BuiltBlock {
  /** Start, ms. */
  readonly bucket: number;
  readonly hash: string;
}

interface PlacedBlock {
  readonly block: PendingBlock;
  readonly epoch: number;
  readonly item: TableItem;
}

/** Only a process that stands still for a quarter of an hour at a time needs a second. */
const MAX_LATE_WRITES = 3;
const MAX_KNOWN_EPOCHS = 10_000;

/**
 * Packs a batch into a few items: labels blocks of series that are new to a day, then sample blocks by time bucket.
 * Labels are durable before any sample is sent, so a reader that finds a sample can always name it.
 */
export class DynamoAppender implements Appender {
  readonly #parts: WriterParts;
  readonly #tenant: string;
  readonly #retentionClass: RetentionClass;
  readonly #batch: PendingBatch;
  readonly #metadata = new Map<string, MetricMetadata>();
  /** When the clock was read last, ms. */
  #now = Number.NEGATIVE_INFINITY;
  #isUsed = false;

  constructor(parts: WriterParts, tenant: string, retentionClass: RetentionClass) {
    this.#parts = parts;
    this.#batch = new PendingBatch(parts.written);
    this.#tenant = tenant;
    this.#retentionClass = retentionClass;
  }

  append(labels: Labels, sample: Sample): void {
    checkSample(labels, sample, this.#nowFor(sample.timestamp));
    this.#batch.append(labels, sample);
  }

  appendHistogram(labels: Labels, histogram: Histogram): void {
    checkHistogram(labels, histogram, this.#nowFor(histogram.timestamp));
    this.#batch.appendHistogram(labels, histogram);
  }

  appendMetadata(metadata: MetricMetadata): void {
    this.#metadata.set(metadata.metricFamilyName, metadata);
  }

  async commit(): Promise<CommitReport> {
    if (this.#isUsed) throw new Error('BUG: an appender was committed twice');
    this.#isUsed = true;
    const { batch, newLabels, refused } = await this.#writable();
    const metadata = await this.#parts.metadata.unknown(this.#tenant, [...this.#metadata.values()]);
    const blocks = this.#blocks(batch);
    const epochs = this.#newEpochs(this.#placed(blocks));
    const first = [
      ...newLabels.flatMap(({ items }) => items),
      ...this.#parts.metadata.items(this.#tenant, metadata),
      ...epochs,
    ];
    await writeItems(this.#parts.table, first);
    this.#markEpochs(epochs);
    this.#markStored(newLabels);
    this.#parts.metadata.markKnown(this.#tenant, metadata);
    const second = await this.#writeBlocks(blocks);
    const report = this.#report(newLabels, [...first, ...second]);
    return refused.length === 0 ? report : { ...report, refused };
  }

  /** Two series with one id could not be told apart: who is stored first stays, and the other is left out. */
  async #writable(): Promise<Writable> {
    const stored = new Map<string, RefusedSeries>();
    for (;;) {
      const batch = this.#batch.build(new Set(stored.keys()));
      const newLabels = await this.#newLabels(batch);
      const collisions = newLabels.flatMap((one) => one.collisions);
      if (collisions.length === 0) return { batch, newLabels, refused: [...stored.values(), ...batch.collisions] };
      for (const one of collisions) stored.set(one.labels.key, one);
    }
  }

  /** The time, to find samples that are ahead of it. One that was past when the clock was read last is past now. */
  #nowFor(timestamp: number): number {
    if (!(timestamp <= this.#now)) this.#now = this.#parts.now();
    return this.#now;
  }

  async #newLabels(batch: BuiltBatch): Promise<NewLabels[]> {
    const newLabels: NewLabels[] = [];
    for (const [day, series] of seriesByDay(batch)) {
      const pk = labelsKey(this.#tenant, this.#retentionClass, day);
      const { known } = this.#parts;
      const isFirst = !known.hasPartition(pk);
      const ttlSeconds = expiry(day, DAY_MS, this.#parts.retention[this.#retentionClass].days);
      const learned = isFirst ? await this.#learn(pk, ttlSeconds) : [];
      const stored = new KnownSeries(learned.length);
      stored.add(pk, learned);
      const missing = series.filter(
        ({ storedIn, identity }) => storedIn !== pk && !known.has(pk, identity) && !stored.has(pk, identity),
      );
      const collisions = missing
        .filter(({ identity }) => known.collides(pk, identity) || stored.collides(pk, identity))
        .map((one) => collision(one, `another series of that day has it (partition ${pk})`));
      const items = this.#labelsItems(pk, day, missing, { isFirst, ttlSeconds });
      const identities = [...learned, ...missing.map(({ identity }) => identity)];
      newLabels.push({ pk, newSeries: missing.length, series, identities, items, collisions });
    }
    return newLabels;
  }

  /** Call it only when the labels are durable. */
  #markStored(newLabels: readonly NewLabels[]): void {
    for (const { pk, identities, series } of newLabels) {
      this.#parts.known.add(pk, identities);
      for (const one of series) one.storedIn = pk;
    }
  }

  /** The labels blocks of a day's new series and, from each process once, the day's entry in the list of days. */
  #labelsItems(
    pk: string,
    day: number,
    series: readonly WrittenSeries[],
    { isFirst, ttlSeconds }: { readonly isFirst: boolean; readonly ttlSeconds: number },
  ): TableItem[] {
    const items = buildLabelsBlocks(series.map(({ labels }) => labels)).map((payload): TableItem => {
      return { pk, sk: writtenSortKey(this.#parts.now(), contentHash(payload)), payload, ttlSeconds };
    });
    if (!isFirst) return items;
    return [...items, dayItem(this.#tenant, this.#retentionClass, day, DAY_OPEN, ttlSeconds)];
  }

  /**
   * A new process reads what others wrote today: a read costs a twentieth of writing the same labels again. Labels that expire
   * before these samples do are none: the class is kept longer by now.
   */
  async #learn(pk: string, ttlSeconds: number): Promise<SeriesIdentity[]> {
    const { table, identify, now } = this.#parts;
    const found = new Map<string, SeriesIdentity>();
    try {
      for await (const items of readItems(table, { pk, now: now() })) {
        for (const item of items) {
          if (item.ttlSeconds < ttlSeconds) continue;
          for (const labels of decodeItem(pk, item, decodeLabelsBlock)) {
            const identity = identify(labels);
            found.set(identity.id, identity);
          }
        }
      }
    } catch {
      // Not knowing only means that labels are written once more; if the table is out of reach, that write will say so.
      return [];
    }
    return [...found.values()];
  }

  #blocks({ floats, mixed }: BuiltBatch): PendingBlock[] {
    const blocks: (BuiltBlock & { bucket: number })[] = [];
    for (const [bucket, part] of cutBatch(floats, BUCKET_MS)) {
      for (const block of packBatch(part)) blocks.push({ ...block, bucket });
    }
    for (const [bucket, part] of mixedByStart(mixed, BUCKET_MS)) {
      for (const block of buildSampleBlocks(part)) blocks.push({ ...block, bucket });
    }
    return blocks.map((block) => ({ ...block, hash: contentHash(block.payload) }));
  }

  /** Blocks as items of the epochs that they belong to now. */
  #placed(blocks: readonly PendingBlock[]): PlacedBlock[] {
    const { retention, shards, now } = this.#parts;
    return blocks.map((block) => {
      const epoch = epochOf(block.bucket, now());
      const shard = Number.parseInt(block.hash.slice(0, 8), 16) % shards;
      const pk = samplesKey(this.#tenant, this.#retentionClass, shard, epoch);
      const ttlSeconds = expiry(block.bucket, BUCKET_MS, retention[this.#retentionClass].days);
      return { block, epoch, item: { pk, sk: blockSortKey(block, block.hash), payload: block.payload, ttlSeconds } };
    });
  }

  /** A write that took so long that its epoch may be closed by now is made again, into the epoch of now. */
  async #writeBlocks(blocks: readonly PendingBlock[]): Promise<TableItem[]> {
    const { table, now } = this.#parts;
    const written: TableItem[] = [];
    let pending = blocks;
    for (let attempt = 0; attempt < MAX_LATE_WRITES; attempt++) {
      const placed = this.#placed(pending);
      const epochs = this.#newEpochs(placed);
      await writeItems(table, epochs);
      this.#markEpochs(epochs);
      const items = placed.map(({ item }) => item);
      await writeItems(table, items);
      written.push(...items);
      pending = placed.filter(({ epoch }) => !isInTime(epoch, now())).map(({ block }) => block);
      if (pending.length === 0) return written;
    }
    throw new StorageUnavailableError(
      `cannot write to table ${table.tableName}: it takes too long, several times over`,
    );
  }

  /** The entries of epochs that this process has not listed yet. */
  #newEpochs(placed: readonly PlacedBlock[]): TableItem[] {
    const { knownEpochs, retention } = this.#parts;
    const epochs = new Set(placed.map(({ epoch }) => epoch));
    return [...epochs]
      .map((epoch) => {
        const ttlSeconds = expiry(epoch, EPOCH_MS, retention[this.#retentionClass].days);
        return epochItem(this.#tenant, this.#retentionClass, epoch, ttlSeconds);
      })
      .filter(({ pk, sk }) => !knownEpochs.has(`${pk}/${sk}`));
  }

  /** Call it only when the entries are durable. */
  #markEpochs(entries: readonly TableItem[]): void {
    const { knownEpochs } = this.#parts;
    if (knownEpochs.size > MAX_KNOWN_EPOCHS) knownEpochs.clear();
    for (const { pk, sk } of entries) knownEpochs.add(`${pk}/${sk}`);
  }

  #report(newLabels: readonly NewLabels[], items: readonly TableItem[]): CommitReport {
    return {
      samples: this.#batch.samples,
      newSeries: newLabels.reduce((sum, one) => sum + one.newSeries, 0),
      items: items.length,
      bytes: items.reduce((sum, item) => sum + itemBytes(item), 0),
      writeUnits: items.reduce((sum, item) => sum + writeUnitsOf(item), 0),
    };
  }
}

/** By day, the series that have samples in it. */
function seriesByDay({ floats, mixed }: BuiltBatch): Map<number, WrittenSeries[]> {
  const days = new Map<number, WrittenSeries[]>();
  for (const [day, { series }] of cutBatch(floats, DAY_MS)) days.set(day, [...series]);
  for (const [day, part] of mixedByStart(mixed, DAY_MS)) {
    days.set(day, [...(days.get(day) ?? []), ...part.map(({ series }) => series)]);
  }
  return days;
}

/** Cuts each column at the multiples of `width` ms; by start of each part, series in the order given. */
function mixedByStart(mixed: readonly MixedSeries[], width: number): Map<number, MixedSeries[]> {
  const parts = new Map<number, MixedSeries[]>();
  for (const one of mixed) {
    for (const [start, columns] of cutColumns(one.columns, width)) {
      const part = parts.get(start);
      if (part === undefined) parts.set(start, [{ ...one, columns }]);
      else part.push({ ...one, columns });
    }
  }
  return parts;
}
