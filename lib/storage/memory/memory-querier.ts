import { compareStrings } from '../../model/compare-strings.ts';
import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import {
  type ClassRetention,
  type Querier,
  RETENTION_CLASSES,
  type RetentionClass,
  type SelectHints,
  type Series,
} from '../interface.ts';
import { labelNamesOf, labelValuesOf } from '../label-values.ts';
import { retainedRange, type TimeRange } from '../retention-window.ts';
import { countOf, SeriesBuilder, type SeriesColumns } from '../series-builder.ts';
import type { MemoryTenant } from './memory-storage.ts';
import type { MemorySeries } from './metric-series.ts';

type RetainedRanges = readonly (readonly [RetentionClass, TimeRange])[];

/** Reads one tenant of a `MemoryStorage`. */
export class MemoryQuerier implements Querier {
  readonly #tenant: MemoryTenant;
  readonly #retention: ClassRetention;
  readonly #now: () => number;

  constructor(tenant: MemoryTenant, retention: ClassRetention, now: () => number) {
    this.#tenant = tenant;
    this.#retention = retention;
    this.#now = now;
  }

  async select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]> {
    hints.signal?.throwIfAborted();
    const ranges = this.#ranges(hints);
    const found: Series[] = [];
    for (const series of this.#tenant.matching(matchers)) {
      const columns = columnsIn(series, ranges);
      if (countOf(columns) > 0) found.push({ labels: series.labels, ...columns });
      if (found.length === hints.limit) break;
    }
    return found;
  }

  async series(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    hints.signal?.throwIfAborted();
    const ranges = this.#ranges(hints);
    const found = this.#tenant.matching(matchers).filter(({ builders }) => hasSampleIn(builders, ranges));
    return (hints.limit ? found.slice(0, hints.limit) : found).map(({ labels }) => labels);
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

  #ranges(hints: SelectHints): RetainedRanges {
    const now = this.#now();
    return RETENTION_CLASSES.flatMap((retentionClass) => {
      const range =
        now === Number.POSITIVE_INFINITY ? hints : retainedRange(hints, this.#retention, retentionClass, now);
      return range === undefined ? [] : [[retentionClass, range] as const];
    });
  }
}

function hasSampleIn(builders: MemorySeries['builders'], ranges: RetainedRanges): boolean {
  return ranges.some(([of, { mint, maxt }]) => builders[of]?.has(mint, maxt));
}

/** The samples of all classes; most series are in one class only and need no merging. */
function columnsIn({ builders }: MemorySeries, ranges: RetainedRanges): SeriesColumns {
  let only: SeriesColumns | undefined;
  let merged: SeriesBuilder | undefined;
  for (const [retentionClass, { mint, maxt }] of ranges) {
    const columns = builders[retentionClass]?.build(mint, maxt);
    if (columns === undefined) continue;
    if (only === undefined) only = columns;
    else {
      if (merged === undefined) {
        merged = new SeriesBuilder();
        merged.pushSeries(only);
      }
      merged.pushSeries(columns);
    }
  }
  return merged?.build() ?? only ?? NO_SAMPLES;
}

const NO_SAMPLES: SeriesColumns = { floats: { timestamps: new Float64Array(0), values: new Float64Array(0) } };
