import type { Querier, Queryable, Retention } from '../interface.ts';
import { retentionOf } from '../retention-window.ts';
import { seriesIdentity } from '../series-identity.ts';
import { ChunkCache } from './chunk-cache.ts';
import { DynamoQuerier } from './dynamo-querier.ts';
import { escapeTenant } from './keys.ts';
import { MetadataStore } from './metadata-store.ts';
import { SeriesCatalog } from './series-catalog.ts';
import { type StoreOptions, shardsOf } from './store-options.ts';
import type { ReaderParts } from './store-parts.ts';
import { openTable } from './table.ts';

export interface DynamoReaderOptions extends StoreOptions {
  /** Memory for chunks, which never change. Default 64 MiB. */
  readonly cacheBytes?: number;
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

/** The store for who only reads: nothing reached from here can write. */
export class DynamoReader implements Queryable {
  readonly #parts: Omit<ReaderParts, 'retention'>;
  readonly #retention: Retention;

  constructor(options: DynamoReaderOptions) {
    const { retention, now, cacheBytes = DEFAULT_CACHE_BYTES, identify = seriesIdentity } = options;
    const table = openTable(options);
    this.#retention = retention;
    this.#parts = {
      table,
      now,
      shards: shardsOf(options),
      catalog: new SeriesCatalog(table, now, identify),
      metadata: new MetadataStore(table, now),
      cache: new ChunkCache(cacheBytes),
    };
  }

  querier(tenant: string): Querier {
    escapeTenant(tenant);
    return new DynamoQuerier({ ...this.#parts, retention: retentionOf(this.#retention, tenant) }, tenant);
  }
}
