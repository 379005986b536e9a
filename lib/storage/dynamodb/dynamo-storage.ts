import type { Appender, Querier, Retention, RetentionClass, Storage } from '../interface.ts';
import { type IdentifySeries, seriesIdentity } from '../series-identity.ts';
import { BlockCache } from './block-cache.ts';
import { DynamoAppender } from './dynamo-appender.ts';
import { DynamoQuerier } from './dynamo-querier.ts';
import { escapeTenant } from './keys.ts';
import { KnownSeries } from './known-series.ts';
import { MetadataStore } from './metadata-store.ts';
import { SeriesCatalog } from './series-catalog.ts';
import type { StoreParts } from './store-parts.ts';
import { openTable, type TableOptions } from './table.ts';

export interface DynamoStorageOptions extends TableOptions {
  readonly retention: Retention;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * Partitions that the blocks of one bucket are spread over; 1 (the default) takes some 50,000 samples a second, the
   * write throughput of one DynamoDB partition. May be raised at any time, and never lowered while older data is kept.
   */
  readonly shards?: number;
  /** Memory for blocks older than a day; they are looked for again every five minutes. Default 64 MiB. */
  readonly cacheBytes?: number;
  /** How series are identified; only tests replace it. */
  readonly identify?: IdentifySeries;
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;
const CACHE_MAX_AGE_MS = 5 * 60_000;

/**
 * The store on one DynamoDB table; docs/storage-format.md draws its items. Everything that it remembers between calls
 * only saves requests: any number of instances work on one table.
 */
export class DynamoStorage implements Storage {
  readonly #parts: StoreParts;

  constructor(options: DynamoStorageOptions) {
    const { retention, now, shards = 1, cacheBytes = DEFAULT_CACHE_BYTES, identify = seriesIdentity } = options;
    if (!Number.isInteger(shards) || shards < 1) throw new RangeError(`cannot open the store: shards is ${shards}`);
    const table = openTable(options);
    this.#parts = {
      table,
      retention,
      now,
      shards,
      identify,
      known: new KnownSeries(),
      catalog: new SeriesCatalog(table, now, identify),
      metadata: new MetadataStore(table, now),
      cache: new BlockCache(cacheBytes, CACHE_MAX_AGE_MS),
    };
  }

  appender(tenant: string, retentionClass: RetentionClass): Appender {
    escapeTenant(tenant);
    return new DynamoAppender(this.#parts, tenant, retentionClass);
  }

  querier(tenant: string): Querier {
    escapeTenant(tenant);
    return new DynamoQuerier(this.#parts, tenant);
  }
}
