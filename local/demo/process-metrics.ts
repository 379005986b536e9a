import type { Exposition } from './exposition.ts';
import type { Scrape } from './target.ts';
import { drift } from './traffic.ts';

/** What the process collectors of the Go and the Node client libraries show. */
export function exposeProcess(page: Exposition, { replica, time }: Scrape, cores: number, megabytes: number): void {
  const { instance, startedAt } = replica;
  page.counter('process_cpu_seconds_total', {}, cores * (time - startedAt));
  page.gauge('process_resident_memory_bytes', {}, drift(`rss${instance}`, time, 0.8, 1.2) * megabytes * 1e6);
  page.gauge('process_open_fds', {}, Math.round(drift(`fds${instance}`, time, 40, 90)));
  page.gauge('process_max_fds', {}, 65_536);
  page.gauge('process_start_time_seconds', {}, startedAt);
}
