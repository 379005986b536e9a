import type { Histogram } from '../model/histogram.ts';
import type { Label, Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { PageLimits } from './page-limits.ts';
import type { SeriesCache } from './series-cache.ts';

/** What `next` has come to. */
export type EntryKind = 'sample' | 'histogram' | 'type' | 'help' | 'unit';

/**
 * A cursor over the entries of one page. `next` goes on to the next entry and says what it is; the properties then speak
 * of it, until `next` is called again. Pages are read once, front to back, without building anything for the whole page.
 *
 * A repeated sample (same series, same timestamp) is skipped and counted: the first one counts, as for Prometheus.
 */
export interface PageParser {
  /**
   * @returns undefined after the last entry.
   * @throws ExpositionSyntaxError or ExpositionDecodeError, and ExpositionLimitError; then the page as a whole is bad,
   *   with what was read of it.
   */
  next(): EntryKind | undefined;

  /** Of a sample or a histogram. The same object for the same series on every page, while the cache remembers it. */
  readonly series: PageSeries;
  /** Of a sample. */
  readonly value: number;
  /** Of a sample or a histogram: ms, undefined where the page leaves it to the reader. */
  readonly timestamp: number | undefined;
  /** Since when a counter counts, ms, where the page says so (`_created` in OpenMetrics, protobuf's created timestamp). */
  readonly startTimestamp: number | undefined;
  /** Of a sample (one at most) or a histogram. */
  readonly exemplars: readonly PageExemplar[];
  /** Of a histogram; its own timestamps are 0 or absent where the page gives none. */
  readonly histogram: Histogram;
  /** Of a `type`, `help` or `unit`: the family's name and that one field. */
  readonly metadata: FamilyFact;
  /** So far. */
  readonly counts: PageCounts;
}

/** A series as pages name it; its identity is the object's. Keep what you know of a series in a WeakMap by it. */
export interface PageSeries {
  readonly labels: Labels;
}

export interface PageExemplar {
  readonly labels: readonly Label[];
  readonly value: number;
  /** ms; undefined stands for the time of the scrape. */
  readonly timestamp: number | undefined;
}

export type FamilyFact = Pick<MetricMetadata, 'metricFamilyName'> & Partial<MetricMetadata>;

export interface PageCounts {
  /** Samples given out. */
  readonly samples: number;
  /** Native histograms given out. */
  readonly histograms: number;
  /** Samples and histograms left out because the page had their series and timestamp before. */
  readonly duplicates: number;
  /** `_created` lines that became start timestamps. */
  readonly created: number;
  /** Exemplars left out because their labels are longer than OpenMetrics allows. */
  readonly longExemplars: number;
}

export interface ParseOptions {
  /** Remembers series between the pages of one source; without it a page starts from nothing. */
  readonly cache?: SeriesCache;
  readonly limits?: Partial<PageLimits>;
  /**
   * Spells `le` of classic histograms and `quantile` of summaries as floats (`1` becomes `1.0`), as Prometheus does from
   * version 3 on. True by default. Only where `# TYPE` says what the family is: federated text is untyped and stays.
   */
  readonly normalizesBounds?: boolean;
  /** Whether OpenMetrics' `_created` lines become start timestamps (the default) or stay samples. */
  readonly createdLines?: 'start-timestamps' | 'samples';
  /** Whether a protobuf histogram with both faces gives its classic series too (the default) or only the native one. */
  readonly classicHistograms?: 'always' | 'without-native';
}
