import { encodeWriteRequest } from '../lib/prompb/encode-write-request.ts';
import type { RemoteWriteProtocol, TimeSeries } from '../lib/prompb/write-request.ts';
import { compress } from '../lib/wire/snappy.ts';
import { seededRandom } from './seeded-random.ts';

/** Labels in sorted order, as flat pairs. */
export type SeriesPairs = readonly string[];

export type LabelStyle = 'lean' | 'heavy';

export const SAMPLES_PER_BODY = 2000;

/** What the rules of the bench use: about a sixth of the series below. */
export const SELECTED_NAMES = [
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'container_network_receive_bytes_total',
  'http_request_duration_seconds_count',
  'http_request_duration_seconds_sum',
  'kube_pod_container_status_restarts_total',
  'kube_pod_status_phase',
  'node_memory_MemAvailable_bytes',
] as const;

const CONTAINER = [
  'container_cpu_cfs_periods_total',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_usage_seconds_total',
  'container_fs_reads_bytes_total',
  'container_fs_writes_bytes_total',
  'container_memory_cache',
  'container_memory_rss',
  'container_memory_working_set_bytes',
  'container_network_receive_bytes_total',
  'container_network_transmit_bytes_total',
  'container_spec_memory_limit_bytes',
  'container_threads',
];
const POD = [
  'kube_pod_container_resource_limits',
  'kube_pod_container_resource_requests',
  'kube_pod_container_status_ready',
  'kube_pod_container_status_restarts_total',
  'kube_pod_info',
  'kube_pod_owner',
  'kube_pod_status_phase',
];
const BUCKETS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
const ROUTES = ['/api/v1/cart', '/api/v1/orders', '/api/v1/products/{id}'];

/**
 * Series of pods as Prometheus in Kubernetes sends them: of each, what cAdvisor, kube-state-metrics and the application
 * say. `lean` has about eleven labels of 325 bytes, `heavy` sixteen of 730 as the operator's stack makes them.
 * Pods from `firstPod` on, so that other numbers make other series.
 */
export function podSeries(count: number, style: LabelStyle, firstPod = 0): SeriesPairs[] {
  const series: SeriesPairs[] = [];
  for (let pod = firstPod; series.length < count; pod++) series.push(...seriesOfPod(pod, style));
  return series.slice(0, count);
}

function seriesOfPod(pod: number, style: LabelStyle): SeriesPairs[] {
  const service = `shop-${['cart', 'orders', 'catalog', 'checkout', 'payment'][pod % 5]}-service`;
  const own = {
    cluster: 'production-eu-west-1',
    env: 'production',
    namespace: `team-${pod % 7}-storefront`,
    pod: `${service}-${hex(pod, 10)}-${hex(pod * 7 + 1, 5)}`,
    instance: `10.${(pod >> 8) & 255}.${pod & 255}.17:8080`,
    ...(style === 'heavy' ? heavyLabels(pod) : {}),
  };
  const make = (name: string, more: Record<string, string>) => pairsOf({ ...own, ...more, __name__: name });
  const image = style === 'heavy' ? { image: `registry.example.com/storefront/${service}@sha256:${hex(pod, 64)}` } : {};
  const container = { container: service, job: 'kubelet', ...image };
  const state = { container: service, job: 'kube-state-metrics', uid: `${hex(pod, 8)}-${hex(pod * 3, 12)}` };
  const app = { container: service, job: service, service };
  return [
    ...CONTAINER.map((name) => make(name, container)),
    ...POD.map((name) => make(name, state)),
    ...ROUTES.flatMap((uri) => histogram(make, { ...app, uri, status: '200' })),
    make('node_memory_MemAvailable_bytes', { job: 'node-exporter', container: 'node-exporter' }),
  ];
}

function histogram(
  make: (name: string, more: Record<string, string>) => SeriesPairs,
  labels: Record<string, string>,
): SeriesPairs[] {
  const name = 'http_request_duration_seconds';
  const buckets = BUCKETS.map((le) => make(`${name}_bucket`, { ...labels, le }));
  return [...buckets, make(`${name}_sum`, labels), make(`${name}_count`, labels)];
}

function heavyLabels(pod: number): Record<string, string> {
  return {
    endpoint: 'http-metrics',
    node: `ip-10-${(pod >> 4) & 255}-${pod % 13}-4.eu-west-1.compute.internal`,
    id: `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${hex(pod, 32)}.slice/cri-${hex(pod * 5, 64)}`,
    prometheus: 'monitoring/kube-prometheus-stack-prometheus',
    prometheus_replica: 'prometheus-kube-prometheus-stack-prometheus-0',
  };
}

function pairsOf(labels: Record<string, string>): SeriesPairs {
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat();
}

/** Digits that look random and are the same every time. */
function hex(seed: number, length: number): string {
  const random = seededRandom(seed + 1);
  let text = '';
  while (text.length < length)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
}

/** One scrape of all series, in bodies as Prometheus sends them. */
export function bodiesOf(series: readonly SeriesPairs[], protocol: RemoteWriteProtocol, timestamp: number): Buffer[] {
  const bodies: Buffer[] = [];
  for (let from = 0; from < series.length; from += SAMPLES_PER_BODY) {
    const timeseries = series
      .slice(from, from + SAMPLES_PER_BODY)
      .map((pairs, i) => sampled(pairs, from + i, timestamp));
    bodies.push(Buffer.from(compress(encodeWriteRequest({ timeseries, metadata: [] }, protocol))));
  }
  return bodies;
}

/** Counters move from scrape to scrape; every fifth value is zero, which senders leave out. */
function sampled(pairs: SeriesPairs, index: number, timestamp: number): TimeSeries {
  const labels = Array.from({ length: pairs.length / 2 }, (_, i) => ({
    name: pairs[2 * i] as string,
    value: pairs[2 * i + 1] as string,
  }));
  const value = index % 5 === 0 ? 0 : index * 1000 + Math.floor((timestamp / 1000) % 100_000) / 4;
  return { labels, samples: [{ timestamp, value }], histograms: [], exemplars: [] };
}
