import { outcomesOf } from './endpoint.ts';
import type { Exposition } from './exposition.ts';
import { exposeProcess } from './process-metrics.ts';
import type { Scrape } from './target.ts';
import { drift } from './traffic.ts';

/** client_golang's DefBuckets. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A Go service instrumented with promhttp, which writes methods in lower case. */
export function exposeGoService(page: Exposition, scrape: Scrape): void {
  const { target, replica, time } = scrape;
  for (const endpoint of target.endpoints) {
    for (const { status, requests } of outcomesOf(endpoint, replica, time)) {
      const labels = { code: String(status), handler: endpoint.route, method: endpoint.method.toLowerCase() };
      page.counter(
        'http_requests_total',
        labels,
        requests.reduce((sum, { count }) => sum + count, 0),
      );
      page.histogram('http_request_duration_seconds', labels, requests, BOUNDS);
    }
  }
  exposeGoRuntime(page, scrape);
  exposeProcess(page, scrape, 0.12, 48);
  const scrapes = Math.floor((time - replica.startedAt) / 15);
  page.counter('promhttp_metric_handler_requests_total', { code: '200' }, scrapes);
}

export function exposeGoRuntime(page: Exposition, { replica, time }: Scrape): void {
  page.gauge('go_goroutines', {}, Math.round(drift(`goroutines${replica.instance}`, time, 20, 60)));
  page.gauge('go_memstats_heap_inuse_bytes', {}, Math.round(drift(`go${replica.instance}`, time, 12e6, 30e6)));
  page.gauge('go_info', { version: 'go1.24.3' }, 1);
}
