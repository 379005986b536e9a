import { decodeJsonBlock } from '../../chunkenc/json-block.ts';
import { addUsage, type UsageByWork } from '../usage.ts';
import { decodeItem } from './decode-item.ts';
import { ledgerKey, usageEntriesKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { decodeRecordedEntries } from './recorded-entries.ts';
import type { Table } from './table.ts';

/** What a tenant took in one hour (start, ms), added up from everything that was recorded of it. */
export async function readHourUsage(table: Table, tenant: string, hour: number, now: number): Promise<UsageByWork> {
  const sum: UsageByWork = {};
  for (const part of await Promise.all([
    readInvocations(table, usageEntriesKey(tenant, hour), now),
    readMessages(table, ledgerKey(tenant, hour), now),
  ])) {
    for (const usage of part) addUsage(sum, usage);
  }
  return sum;
}

async function readInvocations(table: Table, pk: string, now: number): Promise<readonly UsageByWork[]> {
  const taken: UsageByWork[] = [];
  for await (const items of readItems(table, { pk, now })) {
    for (const item of items) taken.push(decodeItem(pk, item, decodeUsage));
  }
  return taken;
}

function decodeUsage(payload: Uint8Array): UsageByWork {
  return (decodeJsonBlock('usage', payload) as { readonly usage: UsageByWork }).usage;
}

/** Messages count once, by the account recorded last, and their commits each time. */
async function readMessages(table: Table, pk: string, now: number): Promise<readonly UsageByWork[]> {
  const ofCommits = new Map<string, UsageByWork>();
  const ofMessages = new Map<string, { readonly recordedAt: number; readonly usage: UsageByWork }>();
  for await (const items of readItems(table, { pk, now })) {
    for (const item of items) {
      const { recordedAt, entries } = decodeItem(pk, item, decodeRecordedEntries);
      for (const { id, usage, commit } of entries) {
        if (commit !== undefined) ofCommits.set(commit.id, commit.usage);
        const known = ofMessages.get(id);
        if (usage === undefined || (known !== undefined && known.recordedAt > recordedAt)) continue;
        ofMessages.set(id, { recordedAt, usage });
      }
    }
  }
  return [...ofCommits.values(), ...[...ofMessages.values()].map(({ usage }) => usage)];
}
