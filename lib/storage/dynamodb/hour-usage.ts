import { addUsage, type UsageByWork } from '../usage.ts';
import { decodeItem } from './decode-item.ts';
import { ledgerKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { decodeRecordedEntries } from './recorded-entries.ts';
import type { Table } from './table.ts';

/**
 * What a tenant took in one hour (start, ms), added up from everything that was recorded of it: messages once, by the
 * account recorded last, and every commit of theirs.
 */
export async function readHourUsage(table: Table, tenant: string, hour: number, now: number): Promise<UsageByWork> {
  const pk = ledgerKey(tenant, hour);
  const sum: UsageByWork = {};
  const ofCommits = new Map<string, UsageByWork>();
  const ofMessages = new Map<string, { readonly recordedAt: number; readonly usage: UsageByWork }>();
  for await (const items of readItems(table, { pk, now })) {
    for (const item of items) {
      const { recordedAt, entries, usage } = decodeItem(pk, item, decodeRecordedEntries);
      if (usage !== undefined) addUsage(sum, usage);
      for (const entry of entries) {
        if (entry.commit !== undefined) ofCommits.set(entry.commit.id, entry.commit.usage);
        const known = ofMessages.get(entry.id);
        if (entry.usage !== undefined && (known === undefined || known.recordedAt <= recordedAt))
          ofMessages.set(entry.id, { recordedAt, usage: entry.usage });
      }
    }
  }
  for (const usage of ofCommits.values()) addUsage(sum, usage);
  for (const { usage } of ofMessages.values()) addUsage(sum, usage);
  return sum;
}
