import type { MetricMetadata, MetricType } from '../../lib/model/metadata.ts';
import { type Latency, meanLatency, shareWithin } from './traffic.ts';

export type LabelSet = Readonly<Record<string, string>>;

/** One series of one scrape. */
export interface ScrapedSeries {
  readonly labels: LabelSet;
  readonly value: number;
  readonly metadata: MetricMetadata;
}

/** Requests that took about as long as each other. */
export interface TimedRequests extends Latency {
  readonly count: number;
}

/** What a target shows on its /metrics page at one time. */
export class Exposition {
  readonly series: ScrapedSeries[] = [];

  counter(name: string, labels: LabelSet, value: number): void {
    this.#add(name, 'counter', name, labels, value);
  }

  gauge(name: string, labels: LabelSet, value: number): void {
    this.#add(name, 'gauge', name, labels, value);
  }

  /** `bounds` in seconds, ascending, without +Inf; `formatBound` as the framework writes `le`. */
  histogram(
    name: string,
    labels: LabelSet,
    requests: readonly TimedRequests[],
    bounds: readonly number[],
    formatBound: (bound: number) => string = String,
  ): void {
    const within = (seconds: number) =>
      requests.reduce((sum, one) => sum + Math.floor(one.count * shareWithin(one, seconds)), 0);
    for (const bound of bounds) {
      this.#add(name, 'histogram', `${name}_bucket`, { ...labels, le: formatBound(bound) }, within(bound));
    }
    const count = requests.reduce((sum, one) => sum + one.count, 0);
    this.#add(name, 'histogram', `${name}_bucket`, { ...labels, le: '+Inf' }, count);
    this.#add(name, 'histogram', `${name}_count`, labels, count);
    this.#add(name, 'histogram', `${name}_sum`, labels, totalSeconds(requests));
  }

  #add(family: string, type: MetricType, name: string, labels: LabelSet, value: number): void {
    const metadata = { metricFamilyName: family, type, help: '', unit: '' };
    this.series.push({ labels: { ...labels, __name__: name }, value, metadata });
  }
}

export function totalSeconds(requests: readonly TimedRequests[]): number {
  return requests.reduce((sum, one) => sum + one.count * meanLatency(one), 0);
}
