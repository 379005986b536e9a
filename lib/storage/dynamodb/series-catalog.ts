import { decodeLabelsBlock } from '../../chunkenc/decode-labels-block.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { SeriesCollisionError } from '../errors.ts';
import { matchLabels } from '../match-labels.ts';
import type { IdentifySeries, SeriesIdentity } from '../series-identity.ts';
import { boundedParallel } from './bounded-parallel.ts';
import { decodeItem } from './decode-item.ts';
import { HOUR_MS, timeDigits, writtenAt } from './keys.ts';
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

/** Series held before the catalogs of tenants that were not asked for lately are let go. */
const MAX_SERIES = 500_000;

/**
 * Labels blocks are sorted by their writer's clock. A writer whose clock is behind, or whose write took several
 * attempts, appears below what was already read; so the last ten minutes are always read again.
 */
const OVERLAP_MS = 10 * 60_000;

/** Whatever the overlap missed is found when a partition is read anew. */
const REREAD_AFTER_MS = HOUR_MS;

/** What is known of one labels partition (a tenant, class and day). */
interface Partition {
  readonly seen: Set<string>;
  readonly byMetricName: Map<string, Set<CatalogSeries>>;
  /** Writer's clock of the newest block read, ms. */
  newest: number;
  /** When all of it was last read, ms; -Infinity before. */
  readAt: number;
}

/**
 * The series of one store, as its labels blocks tell them. Blocks never change, so what was read is kept in memory and
 * each look reads only the newest part again.
 */
export class SeriesCatalog {
  readonly #table: Table;
  readonly #now: () => number;
  readonly #identify: IdentifySeries;
  /** By tenant, least recently used first. */
  readonly #tenants = new Map<string, TenantCatalog>();

  constructor(table: Table, now: () => number, identify: IdentifySeries) {
    this.#table = table;
    this.#now = now;
    this.#identify = identify;
  }

  /**
   * The series of some labels partitions of a tenant that satisfy the matchers, each once, in no order; and the
   * partitions that have any of them.
   *
   * @throws SeriesCollisionError, StorageUnavailableError, CorruptBlockError
   */
  async find(
    tenant: string,
    partitionKeys: readonly string[],
    matchers: readonly Matcher[],
    signal: AbortSignal | undefined,
  ): Promise<FoundSeries> {
    const catalog = this.#use(tenant);
    await boundedParallel(partitionKeys, MAX_PARALLEL_READS, (pk) => this.#refresh(catalog, pk, signal));
    this.#evict();
    const found = new Set<CatalogSeries>();
    const refused = new Set<CatalogSeries>();
    const partitions = new Set<string>();
    for (const pk of partitionKeys) {
      for (const series of catalog.candidates(pk, matchers)) {
        if (refused.has(series)) continue;
        if (!found.has(series) && !matchLabels(series.labels, matchers)) refused.add(series);
        else {
          found.add(series);
          partitions.add(pk);
        }
      }
    }
    return { series: [...found], partitions };
  }

  async #refresh(catalog: TenantCatalog, pk: string, signal: AbortSignal | undefined): Promise<void> {
    const partition = catalog.partition(pk);
    const now = this.#now();
    const isStale = now - partition.readAt > REREAD_AFTER_MS;
    const query = { pk, now, signal };
    const from = timeDigits(partition.newest - OVERLAP_MS);
    for await (const items of readItems(this.#table, isStale ? query : { ...query, from })) {
      for (const item of items) {
        if (partition.seen.has(item.sk)) continue;
        for (const labels of decodeItem(pk, item, decodeLabelsBlock)) {
          catalog.add(partition, this.#identify(labels), labels);
        }
        partition.seen.add(item.sk);
        partition.newest = Math.max(partition.newest, writtenAt(item.sk));
      }
    }
    if (isStale) partition.readAt = now;
  }

  #use(tenant: string): TenantCatalog {
    const catalog = this.#tenants.get(tenant) ?? new TenantCatalog();
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, catalog);
    return catalog;
  }

  #evict(): void {
    let size = 0;
    for (const catalog of this.#tenants.values()) size += catalog.size;
    for (const [tenant, catalog] of this.#tenants) {
      if (size <= MAX_SERIES || this.#tenants.size === 1) return;
      this.#tenants.delete(tenant);
      size -= catalog.size;
    }
  }
}

/** One tenant's series; a series that lives for many days is one object. */
class TenantCatalog {
  readonly #byId = new Map<string, CatalogSeries>();
  readonly #partitions = new Map<string, Partition>();

  get size(): number {
    return this.#byId.size;
  }

  partition(pk: string): Partition {
    const known = this.#partitions.get(pk);
    if (known !== undefined) return known;
    const partition: Partition = {
      seen: new Set(),
      byMetricName: new Map(),
      newest: 0,
      readAt: Number.NEGATIVE_INFINITY,
    };
    this.#partitions.set(pk, partition);
    return partition;
  }

  add({ byMetricName }: Partition, identity: SeriesIdentity, labels: Labels): void {
    const series = this.#byId.get(identity.id) ?? { identity, labels };
    if (!series.labels.equals(labels)) {
      throw new SeriesCollisionError(`cannot read series ${identity.id}: ${series.labels} and ${labels} share this id`);
    }
    this.#byId.set(identity.id, series);
    const named = byMetricName.get(labels.metricName);
    if (named === undefined) byMetricName.set(labels.metricName, new Set([series]));
    else named.add(series);
  }

  /** The series of a partition whose metric name satisfies the matchers; other labels are not looked at. */
  *candidates(pk: string, matchers: readonly Matcher[]): Generator<CatalogSeries> {
    const { byMetricName } = this.partition(pk);
    const onName = matchers.filter((matcher) => matcher.name === METRIC_NAME);
    const names = onName.find((matcher) => matcher.setMatches !== undefined)?.setMatches ?? byMetricName.keys();
    for (const name of new Set(names)) {
      if (onName.every((matcher) => matcher.matches(name))) yield* byMetricName.get(name) ?? [];
    }
  }
}
