import type { Appendable, Appender, Retention, RetentionClass } from '../interface.ts';
import { retentionOf } from '../retention-window.ts';
import { seriesIdentity } from '../series-identity.ts';
import { DynamoAppender } from './dynamo-appender.ts';
import { escapeTenant } from './keys.ts';
import { KnownSeries } from './known-series.ts';
import { MetadataStore } from './metadata-store.ts';
import { type StoreOptions, shardsOf } from './store-options.ts';
import type { WriterParts } from './store-parts.ts';
import { openTable } from './table.ts';
import { WrittenSeriesMemo } from './written-series.ts';

/** The store for who only writes. */
export class DynamoWriter implements Appendable {
  readonly #parts: Omit<WriterParts, 'retention'>;
  readonly #retention: Retention;

  constructor(options: StoreOptions) {
    const { retention, now, identify = seriesIdentity } = options;
    const table = openTable(options);
    this.#retention = retention;
    this.#parts = {
      table,
      now,
      shards: shardsOf(options),
      identify,
      known: new KnownSeries(),
      written: new WrittenSeriesMemo(identify),
      knownEpochs: new Set(),
      metadata: new MetadataStore(table, now),
    };
  }

  appender(tenant: string, retentionClass: RetentionClass): Appender {
    escapeTenant(tenant);
    return new DynamoAppender(
      { ...this.#parts, retention: retentionOf(this.#retention, tenant) },
      tenant,
      retentionClass,
    );
  }
}
