import { OpenLabelsBlock } from '../../chunkenc/open-labels-block.ts';
import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { SeriesCollisionError } from '../errors.ts';
import type { IdentifySeries, SeriesIdentity } from '../series-identity.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { decodeItem } from './decode-item.ts';
import { HOUR_MS, hashOf, timeDigits } from './keys.ts';
import { readItems } from './read-items.ts';
import type { Table } from './table.ts';

export interface CatalogSeries {
  readonly identity: SeriesIdentity;
  readonly labels: Labels;
}

export interface FoundSeries {
  readonly series: readonly CatalogSeries[];
  readonly partitions: ReadonlySet<string>;
}

/** Labels partitions read at once. */
const MAX_PARALLEL_READS = 8;

/** Memory for blocks before partitions that were not asked for lately are let go. */
const MAX_BYTES = 160 * 1024 * 1024;

/** Series remembered with their ids, some 700 bytes each, so that the next query need not hash them again. */
const MAX_IDENTIFIED = 100_000;

/**
 * Labels blocks are sorted by their writer's clock. A writer whose clock is behind, or whose write took several attempts,
 * appears below the time of the last look; so the ten minutes before that are always read again.
 */
const OVERLAP_MS = 10 * 60_000;

/** Whatever the overlap missed is found when a partition is read anew. */
const REREAD_AFTER_MS = HOUR_MS;

/** A block in memory. Days whose series are the same have the same packed block, and hold it together. */
interface HeldBlock {
  readonly block: OpenLabelsBlock;
  readonly identified: Map<number, CatalogSeries>;
  holders: number;
}

/** What is known of one labels partition (a tenant, class and day). */
interface Partition {
  /** Content hash by sort key. */
  readonly blocks: ReadonlyMap<string, string>;
  /** When it was last looked at, ms. */
  readonly lookedAt: number;
  /** When all of it was last read, ms; -Infinity before. */
  readonly readAt: number;
}

/**
 * The series of one store, as its labels blocks tell them. Blocks never change, so what was read is kept in memory, packed,
 * and each look reads only the newest part again.
 */
export class SeriesCatalog {
  readonly #table: Table;
  readonly #now: () => number;
  readonly #identify: IdentifySeries;
  readonly #maxBytes: number;
  /** By partition key, least recently used first. */
  readonly #partitions = new Map<string, Partition>();
  /** By content hash. */
  readonly #blocks = new Map<string, HeldBlock>();
  #bytes = 0;
  #identified = 0;

  constructor(table: Table, now: () => number, identify: IdentifySeries, maxBytes = MAX_BYTES) {
    this.#table = table;
    this.#now = now;
    this.#identify = identify;
    this.#maxBytes = maxBytes;
  }

  /** About what the blocks in memory take. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The series of some labels partitions that satisfy the matchers, each once, in no order; and the partitions that have
   * any of them.
   *
   * @throws SeriesCollisionError, StorageUnavailableError, CorruptBlockError
   */
  async find(
    partitionKeys: readonly string[],
    matchers: readonly Matcher[],
    signal: AbortSignal | undefined,
  ): Promise<FoundSeries> {
    const found = new Map<string, CatalogSeries>();
    const partitions = new Set<string>();
    const searched = new Map<string, readonly CatalogSeries[]>();
    await boundedParallel(partitionKeys, MAX_PARALLEL_READS, async (pk) => {
      let partition = await this.#refreshed(pk, signal);
      // Another query may have let go of a block just now; from here to the end nothing is awaited.
      while (!this.#isHeld(partition)) partition = await this.#refreshed(pk, signal);
      for (const hash of new Set(partition.blocks.values())) {
        const series = searched.get(hash) ?? this.#search(hash, matchers);
        searched.set(hash, series);
        if (series.length > 0) partitions.add(pk);
        for (const one of series) addFound(found, one);
      }
      this.#evict();
    });
    return { series: [...found.values()], partitions };
  }

  #search(hash: string, matchers: readonly Matcher[]): CatalogSeries[] {
    const { block, identified } = this.#blocks.get(hash) as HeldBlock;
    return block.select(matchers).map((place) => {
      const known = identified.get(place);
      if (known !== undefined) return known;
      const labels = block.labels(place);
      const series = { labels, identity: this.#identify(labels) };
      identified.set(place, series);
      this.#identified++;
      return series;
    });
  }

  async #refreshed(pk: string, signal: AbortSignal | undefined): Promise<Partition> {
    const begun = this.#partitions.get(pk) ?? { blocks: new Map(), lookedAt: 0, readAt: Number.NEGATIVE_INFINITY };
    const now = this.#now();
    const isStale = now - begun.readAt > REREAD_AFTER_MS;
    const blocks = new Map(isStale ? [] : begun.blocks);
    const from = timeDigits(begun.lookedAt - OVERLAP_MS);
    const opened = new Map<string, OpenLabelsBlock>();
    for await (const items of readItems(this.#table, isStale ? { pk, now, signal } : { pk, now, signal, from })) {
      for (const item of items) {
        const hash = hashOf(item.sk);
        blocks.set(item.sk, hash);
        if (this.#blocks.has(hash) || opened.has(hash)) continue;
        opened.set(
          hash,
          decodeItem(pk, item, (payload) => new OpenLabelsBlock(payload)),
        );
      }
    }
    return (
      this.#replace(pk, { blocks, lookedAt: now, readAt: isStale ? now : begun.readAt }, opened) ??
      this.#refreshed(pk, signal)
    );
  }

  /** undefined when a block that was in memory has been let go meanwhile: the partition is then read again. */
  #replace(pk: string, next: Partition, opened: ReadonlyMap<string, OpenLabelsBlock>): Partition | undefined {
    for (const [hash, block] of opened) if (!this.#blocks.has(hash)) this.#hold(hash, block);
    const isComplete = this.#isHeld(next);
    if (isComplete) for (const hash of next.blocks.values()) (this.#blocks.get(hash) as HeldBlock).holders++;
    this.#release(pk);
    if (!isComplete) return undefined;
    this.#partitions.set(pk, next);
    return next;
  }

  #isHeld({ blocks }: Partition): boolean {
    for (const hash of blocks.values()) if (!this.#blocks.has(hash)) return false;
    return true;
  }

  #hold(hash: string, block: OpenLabelsBlock): void {
    this.#blocks.set(hash, { block, identified: new Map(), holders: 0 });
    this.#bytes += block.bytes;
  }

  #release(pk: string): void {
    const partition = this.#partitions.get(pk);
    this.#partitions.delete(pk);
    for (const hash of partition?.blocks.values() ?? []) {
      const held = this.#blocks.get(hash) as HeldBlock;
      if (--held.holders > 0) continue;
      this.#blocks.delete(hash);
      this.#bytes -= held.block.bytes;
      this.#identified -= held.identified.size;
    }
  }

  #evict(): void {
    for (const pk of this.#partitions.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#release(pk);
    }
    if (this.#identified <= MAX_IDENTIFIED) return;
    for (const { identified } of this.#blocks.values()) identified.clear();
    this.#identified = 0;
  }
}

function addFound(found: Map<string, CatalogSeries>, series: CatalogSeries): void {
  const { id } = series.identity;
  const known = found.get(id);
  if (known === undefined) found.set(id, series);
  else if (known !== series && !known.labels.equals(series.labels)) {
    throw new SeriesCollisionError(`cannot read series ${id}: ${known.labels} and ${series.labels} share this id`);
  }
}
