import type { ClassRetention } from '../interface.ts';
import type { IdentifySeries } from '../series-identity.ts';
import type { ChunkCache } from './chunk-cache.ts';
import type { KnownSeries } from './known-series.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { SeriesCatalog } from './series-catalog.ts';
import type { Table } from './table.ts';
import type { WrittenSeriesMemo } from './written-series.ts';

interface StoreParts {
  readonly table: Table;
  /** Of the tenant at hand. */
  readonly retention: ClassRetention;
  readonly now: () => number;
  readonly shards: number;
  readonly metadata: MetadataStore;
}

/** What appenders of one store have together. */
export interface WriterParts extends StoreParts {
  readonly identify: IdentifySeries;
  readonly known: KnownSeries;
  readonly written: WrittenSeriesMemo;
  /** Keys of the epochs that this process has listed. */
  readonly knownEpochs: Set<string>;
}

/** What queriers of one store have together. */
export interface ReaderParts extends StoreParts {
  readonly catalog: SeriesCatalog;
  readonly cache: ChunkCache;
}
