import { compareStrings } from '../../model/compare-strings.ts';
import { compareLabels, type Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import { FloatColumnBuilder } from '../float-column-builder.ts';
import {
  type FloatColumn,
  type Querier,
  RETENTION_CLASSES,
  type Retention,
  type RetentionClass,
  type SelectHints,
  type Series,
} from '../interface.ts';
import { labelNamesOf, labelValuesOf } from '../label-values.ts';
import { retainedRange, type TimeRange } from '../retention-window.ts';
import type { MemorySeries, MemoryTenant } from './memory-storage.ts';

type RetainedRanges = readonly (readonly [RetentionClass, TimeRange])[];

/** Reads one tenant of a `MemoryStorage`. */
export class MemoryQuerier implements Querier {
  readonly #tenant: MemoryTenant;
  readonly #retention: Retention;
  readonly #now: () => number;

  constructor(tenant: MemoryTenant, retention: Retention, now: () => number) {
    this.#tenant = tenant;
    this.#retention = retention;
    this.#now = now;
  }

  async select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    const ranges = this.#ranges(hints);
    return this.#matching(hints, matchers).map((series) => ({
      labels: series.labels,
      floats: mergedColumn(series, ranges),
    }));
  }

  async series(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    return this.#matching(hints, matchers).map((series) => series.labels);
  }

  async labelNames(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    return labelNamesOf(await this.series({ ...hints, limit: 0 }, ...matchers), hints.limit);
  }

  async labelValues(name: string, hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]> {
    return labelValuesOf(name, await this.series({ ...hints, limit: 0 }, ...matchers), hints.limit);
  }

  async metadata(metric?: string): Promise<readonly MetricMetadata[]> {
    return [...this.#tenant.metadata.values()]
      .filter((metadata) => metric === undefined || metadata.metricFamilyName === metric)
      .sort((a, b) => compareStrings(a.metricFamilyName, b.metricFamilyName));
  }

  #matching(hints: SelectHints, matchers: readonly Matcher[]): MemorySeries[] {
    hints.signal?.throwIfAborted();
    const ranges = this.#ranges(hints);
    const found = [...this.#tenant.matching(matchers)]
      .filter((series) => ranges.some(([of, { mint, maxt }]) => series.columns[of]?.has(mint, maxt)))
      .sort((a, b) => compareLabels(a.labels, b.labels));
    return hints.limit ? found.slice(0, hints.limit) : found;
  }

  #ranges(hints: SelectHints): RetainedRanges {
    const now = this.#now();
    return RETENTION_CLASSES.flatMap((retentionClass) => {
      const range =
        now === Number.POSITIVE_INFINITY ? hints : retainedRange(hints, this.#retention, retentionClass, now);
      return range === undefined ? [] : [[retentionClass, range] as const];
    });
  }
}

/** The samples of all classes; most series are in one class only and need no merging. */
function mergedColumn(series: MemorySeries, ranges: RetainedRanges): FloatColumn {
  const columns: FloatColumn[] = [];
  for (const [retentionClass, { mint, maxt }] of ranges) {
    const column = series.columns[retentionClass]?.build(mint, maxt);
    if (column !== undefined) columns.push(column);
  }
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return only;
  const merged = new FloatColumnBuilder();
  for (const column of columns) merged.pushColumn(column, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  return merged.build();
}
