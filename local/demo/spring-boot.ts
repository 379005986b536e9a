import { outcomesOf } from './endpoint.ts';
import { type Exposition, totalSeconds } from './exposition.ts';
import type { Scrape } from './target.ts';
import { countEvents, drift } from './traffic.ts';

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Spring Boot 3 with Micrometer's Prometheus registry, histograms by `slo`. */
export function exposeSpringBoot(page: Exposition, scrape: Scrape): void {
  const { target, replica, time } = scrape;
  for (const endpoint of target.endpoints) {
    for (const { status, requests } of outcomesOf(endpoint, replica, time)) {
      const exception = status >= 500 ? 'IllegalStateException' : 'none';
      const labels = {
        error: exception,
        exception,
        method: endpoint.method,
        outcome: outcomeOf(status),
        status: String(status),
        uri: endpoint.route,
      };
      page.histogram('http_server_requests_seconds', labels, requests, BOUNDS, micrometerBound);
      page.gauge('http_server_requests_seconds_max', labels, endpoint.latency.medianSeconds * 9);
    }
  }
  exposeClient(page, scrape);
  exposeJvm(page, scrape);
}

/** Calls to the catalog, as RestClient's observation shows them. */
function exposeClient(page: Exposition, { target, replica, time }: Scrape): void {
  const rate = target.endpoints.reduce((sum, endpoint) => sum + endpoint.rate, 0) / replica.replicas;
  const count = countEvents({ rate: rate * 0.6 }, replica.startedAt, time);
  const labels = {
    client_name: 'catalog',
    error: 'none',
    exception: 'none',
    method: 'GET',
    outcome: 'SUCCESS',
    status: '200',
    uri: '/products/{id}',
  };
  const requests = [{ count, medianSeconds: 0.012, sigma: 0.5 }];
  page.counter('http_client_requests_seconds_count', labels, count);
  page.counter('http_client_requests_seconds_sum', labels, totalSeconds(requests));
}

function exposeJvm(page: Exposition, { replica, time }: Scrape): void {
  const { instance, startedAt } = replica;
  const heap = { area: 'heap', id: 'G1 Old Gen' };
  page.gauge('jvm_memory_used_bytes', heap, Math.round(drift(`heap${instance}`, time, 0.35, 0.8) * 512e6));
  page.gauge('jvm_memory_max_bytes', heap, 512e6);
  page.gauge('jvm_memory_used_bytes', { area: 'nonheap', id: 'Metaspace' }, 92e6);
  page.gauge('jvm_memory_max_bytes', { area: 'nonheap', id: 'Metaspace' }, -1);
  page.gauge('jvm_threads_live_threads', {}, Math.round(drift(`threads${instance}`, time, 40, 70)));
  page.gauge('process_cpu_usage', {}, drift(`cpu${instance}`, time, 0.05, 0.4));
  page.gauge('process_uptime_seconds', {}, time - startedAt);
  for (const [level, rate] of [
    ['info', 4],
    ['warn', 0.2],
    ['error', 0.02],
  ] as const) {
    page.counter('logback_events_total', { level }, countEvents({ rate }, startedAt, time));
  }
}

function outcomeOf(status: number): string {
  if (status >= 500) return 'SERVER_ERROR';
  return status >= 400 ? 'CLIENT_ERROR' : 'SUCCESS';
}

/** Micrometer writes bounds as Java writes doubles: 1.0, not 1. */
function micrometerBound(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
