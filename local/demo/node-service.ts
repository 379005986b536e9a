import { outcomesOf } from './endpoint.ts';
import type { Exposition } from './exposition.ts';
import { exposeProcess } from './process-metrics.ts';
import type { Scrape } from './target.ts';
import { drift } from './traffic.ts';

const BOUNDS = [0.003, 0.03, 0.1, 0.3, 1.5, 10];

/** An Express app with prom-client and express-prom-bundle: one histogram, no counter of its own. */
export function exposeNodeService(page: Exposition, scrape: Scrape): void {
  const { target, replica, time } = scrape;
  for (const endpoint of target.endpoints) {
    for (const { status, requests } of outcomesOf(endpoint, replica, time)) {
      const labels = { method: endpoint.method, path: endpoint.route, status_code: String(status) };
      page.histogram('http_request_duration_seconds', labels, requests, BOUNDS);
    }
  }
  const { instance } = replica;
  page.gauge('nodejs_eventloop_lag_seconds', {}, drift(`lag${instance}`, time, 0.001, 0.02));
  page.gauge('nodejs_heap_size_used_bytes', {}, Math.round(drift(`heap${instance}`, time, 40e6, 90e6)));
  page.gauge('nodejs_heap_size_total_bytes', {}, 120e6);
  page.gauge('nodejs_active_handles_total', {}, Math.round(drift(`handles${instance}`, time, 10, 60)));
  page.gauge('nodejs_version_info', { version: 'v22.14.0', major: '22', minor: '14', patch: '0' }, 1);
  exposeProcess(page, scrape, 0.2, 140);
}
