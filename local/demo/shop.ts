import type { Endpoint } from './endpoint.ts';
import { exposeGoService } from './go-service.ts';
import { exposeNodeExporter } from './node-exporter.ts';
import { exposeNodeService } from './node-service.ts';
import { exposeOpenTelemetry } from './open-telemetry.ts';
import { exposePrometheus } from './prometheus-server.ts';
import { exposeSpringBoot } from './spring-boot.ts';
import type { Target } from './target.ts';

const HOUR = 3600;

const CART: readonly Endpoint[] = [
  {
    method: 'GET',
    route: '/cart/{id}',
    rate: 14,
    latency: { medianSeconds: 0.018, sigma: 0.6 },
    clientErrors: { status: 404, share: 0.04 },
  },
  {
    method: 'POST',
    route: '/cart/{id}/items',
    rate: 5,
    latency: { medianSeconds: 0.045, sigma: 0.7 },
    clientErrors: { status: 400, share: 0.02 },
    serverErrors: { status: 500, share: 0.03 },
  },
];

const CHECKOUT: readonly Endpoint[] = [
  {
    method: 'POST',
    route: '/checkout',
    rate: 2.5,
    latency: { medianSeconds: 0.32, sigma: 0.5 },
    clientErrors: { status: 422, share: 0.05 },
    serverErrors: { status: 503, share: 0.04 },
  },
  { method: 'GET', route: '/orders/{order_id}', rate: 4, latency: { medianSeconds: 0.06, sigma: 0.6 } },
];

const CATALOG: readonly Endpoint[] = [
  {
    method: 'GET',
    route: '/products',
    rate: 22,
    latency: { medianSeconds: 0.009, sigma: 0.5 },
    serverErrors: { status: 500, share: 0.005 },
  },
  {
    method: 'GET',
    route: '/products/{id}',
    rate: 31,
    latency: { medianSeconds: 0.004, sigma: 0.5 },
    clientErrors: { status: 404, share: 0.06 },
  },
];

const STOREFRONT: readonly Endpoint[] = [
  { method: 'GET', route: '/', rate: 12, latency: { medianSeconds: 0.08, sigma: 0.6 } },
  {
    method: 'GET',
    route: '/product/:id',
    rate: 18,
    latency: { medianSeconds: 0.11, sigma: 0.7 },
    clientErrors: { status: 404, share: 0.03 },
    serverErrors: { status: 502, share: 0.02 },
  },
];

const PROMETHEUS: readonly Endpoint[] = [
  { method: 'GET', route: '/metrics', rate: 0.07, latency: { medianSeconds: 0.004, sigma: 0.3 } },
  {
    method: 'GET',
    route: '/api/v1/query',
    rate: 1.5,
    latency: { medianSeconds: 0.03, sigma: 0.8 },
    clientErrors: { status: 400, share: 0.02 },
  },
  { method: 'GET', route: '/api/v1/query_range', rate: 3, latency: { medianSeconds: 0.12, sigma: 0.9 } },
];

/** What all series of the shop's Prometheus carry. */
export const EXTERNAL_LABELS = { env: 'prod', region: 'eu-west-1' } as const;

/** Everything that the shop's Prometheus scrapes. One pod of the cart is restarted often: counters that begin again. */
export const SHOP: readonly Target[] = [
  ...replicas('cart', 3, 8080, { application: 'cart' }, CART, exposeSpringBoot, (index) =>
    index === 2 ? 1200 : 8 * HOUR,
  ),
  ...replicas('checkout', 2, 8889, {}, CHECKOUT, exposeOpenTelemetry),
  ...replicas('catalog', 3, 9100, {}, CATALOG, exposeGoService),
  ...replicas('storefront', 2, 3000, {}, STOREFRONT, exposeNodeService),
  ...replicas('node', 1, 9100, {}, [], exposeNodeExporter, () => 30 * 24 * HOUR),
  ...replicas('prometheus', 1, 9090, {}, PROMETHEUS, exposePrometheus, () => 72 * HOUR),
];

function replicas(
  job: string,
  count: number,
  port: number,
  labels: Readonly<Record<string, string>>,
  endpoints: readonly Endpoint[],
  expose: Target['expose'],
  restartEverySeconds: (index: number) => number = () => 12 * HOUR,
): Target[] {
  return Array.from({ length: count }, (_, index) => ({
    labels: { job, instance: `${job}-${index}:${port}`, ...labels },
    replicas: count,
    restartEverySeconds: restartEverySeconds(index),
    endpoints,
    expose,
  }));
}
