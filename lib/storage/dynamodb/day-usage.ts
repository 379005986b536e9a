import { decodeJsonBlock, encodeJsonBlock } from '../../chunkenc/json-block.ts';
import { DAY_MS } from '../retention-window.ts';
import type { UsageByWork } from '../usage.ts';
import { decodeItem } from './decode-item.ts';
import { HOUR_MS, timeDigits, usageKey } from './keys.ts';
import { readItems } from './read-items.ts';
import { replaceItem } from './replace-item.ts';
import type { Table } from './table.ts';

/** Days that added up hours are kept: as long as storage is billed for by them. */
export const USAGE_DAYS = 400;

/** An hour that was added up. */
export interface AddedHour {
  /** When, ms. */
  readonly addedAt: number;
  readonly usage: UsageByWork;
}

/** The hours of one day (start, ms) that are added up, by their start. */
export interface DayOfUsage {
  readonly day: number;
  readonly hours: ReadonlyMap<number, AddedHour>;
  /** undefined: there is no item yet. */
  readonly version: number | undefined;
}

/** Days from the one that starts at `from` on, ascending. */
export async function readDaysOfUsage(
  table: Table,
  tenant: string,
  from: number,
  now: number,
): Promise<readonly DayOfUsage[]> {
  const pk = usageKey(tenant);
  const days: DayOfUsage[] = [];
  for await (const items of readItems(table, { pk, from: timeDigits(from), now })) {
    for (const item of items) {
      const day = Number(item.sk);
      const hours = decodeItem(pk, item, (payload) => decodeHours(day, payload));
      days.push({ day, hours, version: item.version });
    }
  }
  return days;
}

/** Puts a day in place of the version it was read as; resolves to whether it did. */
export function replaceDayOfUsage(table: Table, tenant: string, { day, hours, version }: DayOfUsage): Promise<boolean> {
  const rows = [...hours].map(([hour, { addedAt, usage }]): Row => [(hour - day) / HOUR_MS, addedAt, usage]);
  const ttlSeconds = Math.ceil((day + (USAGE_DAYS + 2) * DAY_MS) / 1000);
  const payload = encodeJsonBlock('usage', { hours: rows });
  return replaceItem(table, { pk: usageKey(tenant), sk: timeDigits(day), payload, ttlSeconds }, version);
}

/** `hour` of the day. */
type Row = [hour: number, addedAt: number, usage: UsageByWork];

function decodeHours(day: number, payload: Uint8Array): Map<number, AddedHour> {
  const { hours } = decodeJsonBlock('usage', payload) as { readonly hours: readonly Row[] };
  return new Map(hours.map(([hour, addedAt, usage]) => [day + hour * HOUR_MS, { addedAt, usage }]));
}
