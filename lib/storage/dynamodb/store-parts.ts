import type { Retention } from '../interface.ts';
import type { IdentifySeries } from '../series-identity.ts';
import type { BlockCache } from './block-cache.ts';
import type { KnownSeries } from './known-series.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { SeriesCatalog } from './series-catalog.ts';
import type { Table } from './table.ts';

/** What appenders and queriers of one store have together. */
export interface StoreParts {
  readonly table: Table;
  readonly retention: Retention;
  readonly now: () => number;
  readonly shards: number;
  readonly identify: IdentifySeries;
  readonly known: KnownSeries;
  readonly catalog: SeriesCatalog;
  readonly metadata: MetadataStore;
  readonly cache: BlockCache;
}
