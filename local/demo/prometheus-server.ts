import { outcomesOf } from './endpoint.ts';
import type { Exposition, TimedRequests } from './exposition.ts';
import { exposeGoRuntime } from './go-service.ts';
import { exposeProcess } from './process-metrics.ts';
import type { Scrape } from './target.ts';
import { countEvents, drift } from './traffic.ts';

const BOUNDS = [0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120];

/** What a Prometheus server shows of itself; its histogram does not tell status codes apart. */
export function exposePrometheus(page: Exposition, scrape: Scrape): void {
  const { target, replica, time } = scrape;
  for (const endpoint of target.endpoints) {
    const all: TimedRequests[] = [];
    for (const { status, requests } of outcomesOf(endpoint, replica, time)) {
      const labels = { code: String(status), handler: endpoint.route };
      page.counter(
        'prometheus_http_requests_total',
        labels,
        requests.reduce((sum, { count }) => sum + count, 0),
      );
      all.push(...requests);
    }
    page.histogram('prometheus_http_request_duration_seconds', { handler: endpoint.route }, all, BOUNDS);
  }
  const samples = countEvents({ rate: 110 }, replica.startedAt, time);
  page.counter('prometheus_tsdb_head_samples_appended_total', { type: 'float' }, samples);
  page.gauge('prometheus_tsdb_head_series', {}, Math.round(drift('head', time, 1600, 1700)));
  page.gauge('prometheus_build_info', { branch: 'HEAD', goversion: 'go1.24.3', version: '3.5.0' }, 1);
  exposeGoRuntime(page, scrape);
  exposeProcess(page, scrape, 0.05, 180);
}
