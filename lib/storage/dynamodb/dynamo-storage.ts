import type { Appender, Querier, RetentionClass, Storage } from '../interface.ts';
import { DynamoReader, type DynamoReaderOptions } from './dynamo-reader.ts';
import { DynamoWriter } from './dynamo-writer.ts';

export type DynamoStorageOptions = DynamoReaderOptions;

/**
 * The store on one DynamoDB table; docs/storage-format.md draws its items. Everything that it remembers between calls
 * only saves requests: any number of instances work on one table.
 */
export class DynamoStorage implements Storage {
  readonly #reader: DynamoReader;
  readonly #writer: DynamoWriter;

  constructor(options: DynamoStorageOptions) {
    this.#reader = new DynamoReader(options);
    this.#writer = new DynamoWriter(options);
  }

  appender(tenant: string, retentionClass: RetentionClass): Appender {
    return this.#writer.appender(tenant, retentionClass);
  }

  querier(tenant: string): Querier {
    return this.#reader.querier(tenant);
  }
}
