import { Labels } from '../lib/model/labels.ts';
import { seededRandom } from './seeded-random.ts';

/** One series of a pretended application: `next` is its value at the following scrape. */
export interface TrafficSeries {
  readonly labels: Labels;
  /** Which scraped target it belongs to: the series of one target share their timestamps. */
  readonly target: number;
  readonly next: () => number;
}

export interface TrafficShape {
  readonly services: number;
  readonly podsPerService: number;
  readonly routes: number;
  readonly seed: number;
}

const BUCKETS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
const STATUSES = ['200', '500'];

/**
 * Series as instrumented web services export them: latency histograms by route and status, CPU seconds, memory, queue
 * lengths. Counters of a pod move together with its traffic; most error series hardly move, as in life.
 */
export function scrapeTraffic({ services, podsPerService, routes, seed }: TrafficShape): TrafficSeries[] {
  const random = seededRandom(seed);
  const series: TrafficSeries[] = [];
  for (let service = 0; service < services; service++) {
    for (let pod = 0; pod < podsPerService; pod++) {
      const target = service * podsPerService + pod;
      const labels = targetLabels(service, target, random);
      for (let route = 0; route < routes; route++) {
        for (const status of STATUSES) {
          const requestLabels = { ...labels, uri: `/api/v1/resource-${route}/{id}`, method: 'GET', status };
          for (const one of histogram(requestLabels, status, random)) series.push({ ...one, target });
        }
      }
      for (const one of processSeries(labels, random)) series.push({ ...one, target });
    }
  }
  return series;
}

function targetLabels(service: number, target: number, random: () => number): Record<string, string> {
  const suffix = Math.floor(random() * 36 ** 5).toString(36);
  return {
    job: `shop-service-${service}`,
    service: `shop-service-${service}`,
    namespace: 'shop',
    pod: `shop-service-${service}-7d9f8b6c5-${suffix}`,
    instance: `10.0.${Math.floor(target / 250)}.${(target % 250) + 1}:8080`,
    asserts_env: 'prod',
    asserts_site: 'eu-west-1',
  };
}

type TargetSeries = Omit<TrafficSeries, 'target'>;

function histogram(labels: Record<string, string>, status: string, random: () => number): TargetSeries[] {
  const perScrape = status === '200' ? 2 + random() * 60 : random() * 0.2;
  const shares = BUCKETS.map((_, i) => 1 - Math.exp(-(i + 1) * (0.2 + random() * 0.3)));
  shares[shares.length - 1] = 1;
  const name = 'asserts:request:duration_seconds';
  const buckets = BUCKETS.map((le, i) => ({
    labels: Labels.from({ ...labels, __name__: `${name}_bucket`, le }),
    next: counter(perScrape * (shares[i] as number), 1, random),
  }));
  return [
    ...buckets,
    { labels: Labels.from({ ...labels, __name__: `${name}_count` }), next: counter(perScrape, 1, random) },
    { labels: Labels.from({ ...labels, __name__: `${name}_sum` }), next: noisySum(perScrape * 0.08, random) },
  ];
}

function processSeries(labels: Record<string, string>, random: () => number): TargetSeries[] {
  const named = (name: string, next: () => number) => ({ labels: Labels.from({ ...labels, __name__: name }), next });
  return [
    named('asserts:resource:cpu_seconds_total', counter(15 * random(), 100, random)),
    named('asserts:resource:memory_bytes', gauge(2e8, 4096, random)),
    named('asserts:resource:open_files', gauge(60, 1, random)),
    named('asserts:resource:threads', gauge(40, 1, random)),
    named('asserts:queue:length', gauge(12, 1, random)),
    named('asserts:network:received_bytes_total', counter(150_000, 1, random)),
    named('asserts:network:sent_bytes_total', counter(300_000, 1, random)),
    named('asserts:gc:pause_seconds_total', counter(0.02, 1000, random)),
  ];
}

/** Grows by about `step` a scrape, in steps of 1/`resolution`; a slow counter often stands still. */
function counter(step: number, resolution: number, random: () => number): () => number {
  let units = Math.floor(random() * 4000 * step * resolution);
  return () => {
    units += Math.floor(step * resolution * (0.5 + random()) + random());
    return units / resolution;
  };
}

/** A sum of measured durations: full float noise, and no change while nothing happens. */
function noisySum(step: number, random: () => number): () => number {
  let sum = random() * 4000 * step;
  return () => {
    if (random() < step * 100) sum += step * (0.5 + random());
    return sum;
  };
}

function gauge(level: number, resolution: number, random: () => number): () => number {
  return () => Math.round(((level * (0.9 + random() * 0.2)) / resolution) | 0) * resolution;
}
