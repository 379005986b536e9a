import { LEDGER_DAYS } from '../ledger.ts';
import { DAY_MS } from '../retention-window.ts';
import type { UsageSums } from '../usage.ts';
import { type AddedHour, type DayOfUsage, readDaysOfUsage, replaceDayOfUsage } from './day-usage.ts';
import type { DynamoLedgerOptions } from './dynamo-ledger-reader.ts';
import { readHourUsage } from './hour-usage.ts';
import { alignDown, HOUR_MS } from './keys.ts';
import { openTable, type Table } from './table.ts';

/** When an hour is added up: what was received in it is mostly processed. */
const SETTLED_AFTER_MS = 30 * 60_000;

/** When it is added up once more, for messages that came late. */
const AGAIN_AFTER_MS = DAY_MS;

/** One piece of work; an hour of entries is a few hundred kilobytes. */
const MAX_HOURS = 48;

/** Adds up hours whose entries are written, so that a month can be read in one request. */
export class DynamoUsageSums implements UsageSums {
  readonly #table: Table;
  readonly #now: () => number;
  /** By tenant: the last hour that was over when nothing was left to add up. */
  readonly #done = new Map<string, number>();

  constructor(options: DynamoLedgerOptions) {
    this.#table = openTable(options);
    this.#now = options.now;
  }

  async addUp(tenant: string): Promise<number> {
    const now = this.#now();
    const end = alignDown(now - SETTLED_AFTER_MS, HOUR_MS);
    if (this.#done.get(tenant) === end) return 0;
    const begin = alignDown(now - (LEDGER_DAYS - 1) * DAY_MS, HOUR_MS);
    const known = await readDaysOfUsage(this.#table, tenant, alignDown(begin, DAY_MS), now);
    const due = dueHours(known, begin, end, now);
    const hours = due.slice(0, MAX_HOURS);
    for (const day of new Set(hours.map((hour) => alignDown(hour, DAY_MS)))) {
      const ofDay = hours.filter((hour) => alignDown(hour, DAY_MS) === day);
      await this.#addUpDay(tenant, known.find((one) => one.day === day) ?? newDay(day), ofDay, now);
    }
    if (due.length === hours.length) this.#done.set(tenant, end);
    return hours.length;
  }

  /** Where another is faster, it wrote the same. */
  async #addUpDay(tenant: string, day: DayOfUsage, due: readonly number[], now: number): Promise<void> {
    const hours = new Map<number, AddedHour>(day.hours);
    for (const hour of due) {
      const usage = await readHourUsage(this.#table, tenant, hour, now);
      hours.set(hour, { addedAt: now, usage });
    }
    await replaceDayOfUsage(this.#table, tenant, { ...day, hours });
  }
}

/** Latest first: they are what people look at. */
function dueHours(days: readonly DayOfUsage[], begin: number, end: number, now: number): number[] {
  const known = new Map(days.flatMap(({ hours }) => [...hours]));
  const due: number[] = [];
  for (let hour = end - HOUR_MS; hour >= begin; hour -= HOUR_MS) {
    const again = hour + HOUR_MS + AGAIN_AFTER_MS;
    const addedAt = known.get(hour)?.addedAt ?? Number.NEGATIVE_INFINITY;
    if (addedAt === Number.NEGATIVE_INFINITY || (addedAt < again && now >= again)) due.push(hour);
  }
  return due;
}

function newDay(day: number): DayOfUsage {
  return { day, hours: new Map(), version: undefined };
}
