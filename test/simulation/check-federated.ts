import type { Observations, PageRead, Point } from './observations.ts';
import { MINUTE } from './stage.ts';

/** Clocks of instances differ, and a page takes its time from one to the other. */
const NEARBY = MINUTE / 2;

/**
 * What was read of servers is what they scraped, and a series was ended only where a page did not have it any more.
 *
 * @throws Error naming the first difference.
 */
export function checkFederated(tenant: string, found: ReadonlyMap<string, Point>, observations: Observations): void {
  const scraped = observations.scraped.get(tenant);
  const pages = observations.pages.get(tenant) ?? [];
  for (const [key, point] of found) {
    if (point.value === 'stale') {
      if (pages.some((page) => isWithout(page, point))) continue;
      throw new Error(`${tenant}: ${key} ends a series that every page had`);
    }
    if (scraped?.get(key) === point.value) continue;
    throw new Error(`${tenant}: ${key} is ${point.value}, and its server scraped ${scraped?.get(key) ?? 'nothing'}`);
  }
}

/** Names of metrics differ before and after; a page has its own two or one, and ends are told by whole series. */
function isWithout({ present, time }: PageRead, { labels, timestamp }: Point): boolean {
  return Math.abs(time - timestamp) <= NEARBY && !present.has(labels.key);
}
