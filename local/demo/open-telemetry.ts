import { outcomesOf } from './endpoint.ts';
import type { Exposition } from './exposition.ts';
import type { Scrape } from './target.ts';
import { countEvents } from './traffic.ts';

/** Bounds that the stable HTTP semantic conventions advise. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** An OpenTelemetry SDK with the stable HTTP conventions, by way of a Collector's Prometheus exporter. */
export function exposeOpenTelemetry(page: Exposition, scrape: Scrape): void {
  const { target, replica, time } = scrape;
  for (const endpoint of target.endpoints) {
    for (const { status, requests } of outcomesOf(endpoint, replica, time)) {
      const labels = {
        http_request_method: endpoint.method,
        http_response_status_code: String(status),
        http_route: endpoint.route,
        network_protocol_version: '1.1',
        url_scheme: 'http',
        ...(status >= 500 && { error_type: String(status) }),
      };
      page.histogram('http_server_request_duration_seconds', labels, requests, BOUNDS);
    }
  }
  exposePaymentCalls(page, scrape);
  page.gauge('target_info', { service_version: '2.4.1', telemetry_sdk_language: 'python' }, 1);
}

/** Checkout asks a payment provider, which fails at times. */
function exposePaymentCalls(page: Exposition, { target, replica, time }: Scrape): void {
  const rate = (target.endpoints[0]?.rate ?? 0) / replica.replicas;
  const peer = { http_request_method: 'POST', server_address: 'payments.example.com', server_port: '443' };
  for (const [status, share] of [
    ['200', 0.97],
    ['503', 0.03],
  ] as const) {
    const count = countEvents({ rate: rate * share }, replica.startedAt, time);
    const labels = { ...peer, http_response_status_code: status, ...(status === '503' && { error_type: status }) };
    page.histogram(
      'http_client_request_duration_seconds',
      labels,
      [{ count, medianSeconds: 0.18, sigma: 0.6 }],
      BOUNDS,
    );
  }
}
