import { isDue, type ScrapeTarget } from './scrape-schedule.ts';
import { type ScrapeOutcome, type ScrapeServerDependencies, scrapeServer } from './scrape-server.ts';
import { sideBySide } from './side-by-side.ts';

export interface ScrapeDependencies extends ScrapeServerDependencies {
  readonly targets: readonly ScrapeTarget[];
  /** ms from one run to the next, as the schedule has it. */
  readonly period: number;
}

/** Servers that are read at a time. So many pages of the largest size have to fit into memory. */
const MAX_SIDE_BY_SIDE = 64;

/**
 * Scrapes every server that is due at `time` (ms, of the schedule), side by side. No server waits for one that is slow,
 * dead or lying: each has its own timeout, and those that failed the last time come after all others.
 *
 * @param budget ms that the run may take; then no further scrape starts, and those under way end.
 * @returns what became of each; a scrape never throws, and every failure is in the account of its source too.
 */
export async function scrape(
  time: number,
  budget: number,
  dependencies: ScrapeDependencies,
): Promise<readonly ScrapeOutcome[]> {
  const { memory } = dependencies;
  const end = performance.now() + budget;
  const due = dueTargets(time, dependencies);
  memory.lastRun = time;
  const failedLast = (target: ScrapeTarget) => Number(memory.find(target.id)?.failed ?? false);
  const ordered = due.toSorted((a, b) => failedLast(a) - failedLast(b));
  return sideBySide(ordered, MAX_SIDE_BY_SIDE, (target) => {
    const timeout = Math.min(target.source.timeout, end - performance.now());
    return scrapeServer(target, { time, timeout }, dependencies);
  });
}

/** A server as often as the schedule, or oftener, is due with every run, be it a moment early or late. */
function dueTargets(time: number, { targets, memory, period }: ScrapeDependencies): ScrapeTarget[] {
  const previous = memory.lastRun ?? time - period;
  return targets.filter((target) => {
    if (memory.find(target.id)?.busy === true) return false;
    return target.source.interval <= period || isDue(target, previous, time);
  });
}
