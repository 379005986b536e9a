import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { FloatColumnBuilder } from '../float-column-builder.ts';
import {
  type Appender,
  type Querier,
  RETENTION_CLASSES,
  type Retention,
  type RetentionClass,
  type Storage,
} from '../interface.ts';
import { matchLabels } from '../match-labels.ts';
import { MemoryAppender } from './memory-appender.ts';
import { MemoryQuerier } from './memory-querier.ts';

export interface MemoryStorageOptions {
  /** Nothing expires when absent. */
  readonly retention?: Retention;
  /** Milliseconds since the epoch. When absent, time has no end: any timestamp may be appended. */
  readonly now?: () => number;
}

/** One series with its samples, apart by retention class. */
export interface MemorySeries {
  readonly labels: Labels;
  readonly columns: Partial<Record<RetentionClass, FloatColumnBuilder>>;
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
    return new MemoryQuerier(this.#tenant(tenant), this.#retention, this.#now);
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
  readonly #byMetricName = new Map<string, MemorySeries[]>();

  column(
    labels: Labels,
    retentionClass: RetentionClass,
  ): { readonly column: FloatColumnBuilder; readonly isNew: boolean } {
    const series = this.#series.get(labels.key) ?? this.#add(labels);
    const known = series.columns[retentionClass];
    const column = known ?? new FloatColumnBuilder();
    series.columns[retentionClass] = column;
    return { column, isNew: known === undefined };
  }

  /** Series that satisfy the matchers, in no order. */
  *matching(matchers: readonly Matcher[]): Generator<MemorySeries> {
    for (const series of this.#candidates(matchers)) if (matchLabels(series.labels, matchers)) yield series;
  }

  #candidates(matchers: readonly Matcher[]): Iterable<MemorySeries> {
    const names = matchers.find(
      (matcher) => matcher.name === METRIC_NAME && matcher.setMatches !== undefined,
    )?.setMatches;
    if (names === undefined) return this.#series.values();
    const [only] = names;
    if (only !== undefined && names.length === 1) return this.#byMetricName.get(only) ?? [];
    return [...new Set(names)].flatMap((name) => this.#byMetricName.get(name) ?? []);
  }

  #add(labels: Labels): MemorySeries {
    const series: MemorySeries = { labels, columns: {} };
    this.#series.set(labels.key, series);
    const named = this.#byMetricName.get(labels.metricName);
    if (named === undefined) this.#byMetricName.set(labels.metricName, [series]);
    else named.push(series);
    return series;
  }
}

function forever(): Retention {
  return Object.fromEntries(
    RETENTION_CLASSES.map((retentionClass) => [retentionClass, { days: Number.POSITIVE_INFINITY }]),
  ) as Record<RetentionClass, { days: number }>;
}
