import type { Histogram } from '../../model/histogram.ts';
import type { Label } from '../../model/labels.ts';
import { formatBound } from '../format-bound.ts';
import type { PageExemplar } from '../page-parser.ts';
import type { FamilyType } from './read-family.ts';
import type { FamilyHistogram } from './read-family-histogram.ts';
import type { FamilyMetric, FamilySummary } from './read-metric.ts';

/** One sample or native histogram of a metric. */
export interface MetricEntry {
  /** What the family's name gets appended. */
  readonly suffix: string;
  /** The bound of a bucket or of a quantile. */
  readonly bound: Label | undefined;
  readonly value: number;
  readonly histogram: Histogram | undefined;
  readonly startTimestamp: number | undefined;
  readonly exemplars: readonly PageExemplar[];
}

const NO_EXEMPLARS: readonly PageExemplar[] = [];

/**
 * Unfolds a metric into the entries it stands for; undefined where it lacks what the family's type promises.
 * @param withClassic whether a histogram that is native gives its classic series too.
 */
export function entriesOf(metric: FamilyMetric, type: FamilyType, withClassic: boolean): MetricEntry[] | undefined {
  switch (type) {
    case 'counter':
      return metric.counter && [entry('', metric.counter.value, metric.counter)];
    case 'gauge':
      return metric.gauge === undefined ? undefined : [entry('', metric.gauge)];
    case 'unknown':
      return metric.untyped === undefined ? undefined : [entry('', metric.untyped)];
    case 'summary':
      return metric.summary && summaryEntries(metric.summary);
    default:
      return metric.histogram && histogramEntries(metric.histogram, metric.timestamp, type, withClassic);
  }
}

function entry(
  suffix: string,
  value: number,
  from: { readonly startTimestamp?: number | undefined; readonly exemplar?: PageExemplar | undefined } = {},
  bound?: Label,
): MetricEntry {
  const exemplars = from.exemplar === undefined ? NO_EXEMPLARS : [from.exemplar];
  return { suffix, bound, value, histogram: undefined, startTimestamp: from.startTimestamp, exemplars };
}

function summaryEntries(summary: FamilySummary): MetricEntry[] {
  const quantiles = summary.quantiles.map(({ quantile, value }) =>
    entry('', value, summary, { name: 'quantile', value: formatBound(quantile) }),
  );
  return [...quantiles, entry('_sum', summary.sum, summary), entry('_count', summary.count, summary)];
}

function histogramEntries(
  histogram: FamilyHistogram,
  timestamp: number | undefined,
  type: FamilyType,
  withClassic: boolean,
): MetricEntry[] {
  if (!histogram.isNative) return classicEntries(histogram);
  const native = nativeEntry(histogram, timestamp, type === 'gaugehistogram');
  const hasClassic = withClassic && histogram.buckets.length > 0;
  return hasClassic ? [native, ...classicEntries(histogram)] : [native];
}

/** The bucket of infinity may be left out on the wire: it holds as much as the count says. */
function classicEntries(histogram: FamilyHistogram): MetricEntry[] {
  const { startTimestamp } = histogram;
  const buckets = histogram.buckets.map(({ upperBound, cumulativeCount, exemplar }) =>
    bucket(upperBound, cumulativeCount, startTimestamp, exemplar),
  );
  if (histogram.buckets.at(-1)?.upperBound !== Number.POSITIVE_INFINITY) {
    buckets.push(bucket(Number.POSITIVE_INFINITY, histogram.count, startTimestamp, undefined));
  }
  return [...buckets, entry('_sum', histogram.sum, histogram), entry('_count', histogram.count, histogram)];
}

function bucket(
  upperBound: number,
  count: number,
  startTimestamp: number | undefined,
  exemplar: PageExemplar | undefined,
): MetricEntry {
  return entry('_bucket', count, { startTimestamp, exemplar }, { name: 'le', value: formatBound(upperBound) });
}

/** Exemplars of the native face, or else those of the classic buckets, which are the same observations. */
function nativeEntry(histogram: FamilyHistogram, timestamp: number | undefined, isGauge: boolean): MetricEntry {
  const { native, count, sum, startTimestamp } = histogram;
  const own = histogram.exemplars;
  const exemplars = own.length > 0 ? own : histogram.buckets.flatMap(({ exemplar }) => exemplar ?? []);
  return {
    suffix: '',
    bound: undefined,
    value: 0,
    histogram: {
      ...native,
      timestamp: timestamp ?? 0,
      ...(startTimestamp === undefined ? {} : { startTimestamp }),
      count,
      sum,
      resetHint: isGauge ? 'gauge' : 'unknown',
    },
    startTimestamp,
    exemplars,
  };
}
