import { TokenUses } from '../pipeline/token-uses.ts';
import { openReaders } from '../storage/dynamodb/open-readers.ts';
import type { Retention } from '../storage/interface.ts';
import type { Log } from './log.ts';
import { openMeteredTable } from './open-metered-table.ts';

/** What the API reads, and the little that it writes: uses of tokens, and what its answers took. */
export function openApiStore(tableName: string, retention: Retention, log: Log) {
  const { table, usage: usageBook } = openMeteredTable('api', tableName, log);
  const readers = openReaders({ ...table, retention });
  const tokenUses = new TokenUses({ registers: readers.registers, log });
  return { ...readers, retention, usageBook, tokenUses, now: table.now };
}
