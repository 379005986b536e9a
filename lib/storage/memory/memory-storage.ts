import { compareLabels, type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { Appender, Querier, Retention, RetentionClass, Storage } from '../interface.ts';
import { retentionOf } from '../retention-window.ts';
import { SeriesBuilder } from '../series-builder.ts';
import { MemoryAppender } from './memory-appender.ts';
import { MemoryQuerier } from './memory-querier.ts';
import { type MemorySeries, MetricSeries } from './metric-series.ts';

export interface MemoryStorageOptions {
  /** Nothing expires when absent. */
  readonly retention?: Retention;
  /** Milliseconds since the epoch. When absent, time has no end: any timestamp may be appended. */
  readonly now?: () => number;
}

/** A store for tests and small tools: the same answers as the durable one, gone with its process. */
export class MemoryStorage implements Storage {
  readonly #tenants = new Map<string, MemoryTenant>();
  readonly #retention: Retention;
  readonly #now: () => number;

  constructor({ retention, now }: MemoryStorageOptions = {}) {
    this.#retention = retention ?? forever();
    this.#now = now ?? (() => Number.POSITIVE_INFINITY);
    if (retention !== undefined && now === undefined) throw new Error('BUG: a retention needs a clock');
  }

  appender(tenant: string, retentionClass: RetentionClass): Appender {
    return new MemoryAppender(this.#tenant(tenant), retentionClass, this.#now);
  }

  querier(tenant: string): Querier {
    return new MemoryQuerier(this.#tenant(tenant), retentionOf(this.#retention, tenant), this.#now);
  }

  #tenant(name: string): MemoryTenant {
    const tenant = this.#tenants.get(name) ?? new MemoryTenant();
    this.#tenants.set(name, tenant);
    return tenant;
  }
}

/** All that is kept of one tenant. */
export class MemoryTenant {
  readonly metadata = new Map<string, MetricMetadata>();
  readonly #series = new Map<string, MemorySeries>();
  readonly #metrics = new Map<string, MetricSeries>();

  builder(
    labels: Labels,
    retentionClass: RetentionClass,
  ): { readonly builder: SeriesBuilder; readonly isNew: boolean } {
    const series = this.#series.get(labels.key) ?? this.#add(labels);
    const known = series.builders[retentionClass];
    const builder = known ?? new SeriesBuilder();
    series.builders[retentionClass] = builder;
    return { builder, isNew: known === undefined };
  }

  /** Series that satisfy the matchers, sorted by labels. */
  matching(matchers: readonly Matcher[]): readonly MemorySeries[] {
    const ofName = matchers.filter(({ name }) => name === METRIC_NAME);
    const ofOthers = matchers.filter(({ name }) => name !== METRIC_NAME);
    const found = this.#metricsNamed(ofName).map((metric) => metric.matching(ofOthers));
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    return found.flat().sort((a, b) => compareLabels(a.labels, b.labels));
  }

  /** The metrics whose names satisfy all matchers: looked up where one names them, else tried one by one. */
  #metricsNamed(matchers: readonly Matcher[]): MetricSeries[] {
    const known = matchers.find(({ setMatches }) => setMatches !== undefined)?.setMatches;
    const names = known === undefined ? this.#metrics.keys() : new Set(known);
    return [...names]
      .filter((name) => matchers.every((matcher) => matcher.matches(name)))
      .flatMap((name) => this.#metrics.get(name) ?? []);
  }

  #add(labels: Labels): MemorySeries {
    const series: MemorySeries = { labels, builders: {} };
    this.#series.set(labels.key, series);
    const metric = this.#metrics.get(labels.metricName) ?? new MetricSeries();
    this.#metrics.set(labels.metricName, metric);
    metric.add(series);
    return series;
  }
}

function forever(): Retention {
  const days = Number.POSITIVE_INFINITY;
  return { normalised: { days }, derived: { days } };
}
