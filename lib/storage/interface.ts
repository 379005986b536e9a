import type { Histogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { Sample } from '../model/sample.ts';

/**
 * How long samples are kept: `normalised` ones are inputs of derived rules and short-lived, `derived` ones are what
 * people look at over months, and `alerts` are `ALERTS` and `ALERTS_FOR_STATE`.
 */
export const RETENTION_CLASSES = ['normalised', 'derived', 'alerts'] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

interface Days {
  readonly days: number;
}

/** Lengths of windows that samples may be summed up in, finest first. */
export const RESOLUTIONS = ['5m', '1h'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** How long derived series are kept, and in which windows for longer; absent or empty: in none. */
export interface DerivedRetention extends Days {
  readonly downsampled?: Readonly<Partial<Record<Resolution, Days>>>;
}

/** Days each class is kept before it is neither returned nor (some time later) stored. */
export interface ClassRetention extends Readonly<Record<RetentionClass, Days>> {
  readonly derived: DerivedRetention;
}

/** The same as settings have it: alerts are kept as long as derived series unless something else is said. */
export interface Retention {
  readonly normalised: Days;
  readonly derived: DerivedRetention;
  readonly alerts?: Days;
  /** By name, tenants whose samples are kept for other times. */
  readonly tenants?: Readonly<Record<string, Omit<Retention, 'tenants'>>>;
}

/** Float samples of one series in columns: milliseconds strictly ascending, and their values (stale markers included). */
export interface FloatColumn {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Milliseconds, 0 where unset; absent when no sample has one. */
  readonly startTimestamps?: Float64Array;
}

/** Native histogram samples of one series, milliseconds strictly ascending. */
export interface HistogramColumn {
  readonly timestamps: Float64Array;
  readonly histograms: readonly Histogram[];
}

/** One series of a query's answer. A timestamp stands in at most one of the two columns. */
export interface Series {
  readonly labels: Labels;
  readonly floats: FloatColumn;
  readonly histograms?: HistogramColumn;
  /** Of a series that is partly answered from windows (docs/downsampling.md). */
  readonly downsampled?: Downsampled;
}

/** A part of time, (after, upTo] in ms, that is answered from windows; both ends are multiples of its width. */
export interface Segment {
  readonly after: number;
  readonly upTo: number;
  /** Of its windows, ms: each ends at a multiple of it and begins just after the one before. */
  readonly width: number;
}

/** What the floats of a series stand for where some are made of windows; columns have one number for each float. */
export interface Downsampled {
  /** Ascending. Outside of them floats are samples. */
  readonly segments: readonly Segment[];
  /** Samples that a float stands for, where the hint asked for `count`, `average` or `counter`. */
  readonly counts?: Float64Array;
  /** Where the hint asked for `counter`. */
  readonly falls?: Falls;
}

/** How often a series fell between the float before and this one, and from what: NaN where the two floats tell it themselves. */
export interface Falls {
  readonly numbers: Float64Array;
  /** The values that it fell from, added up. */
  readonly amounts: Float64Array;
}

/**
 * What is asked of windows. `last`, `min`, `max` and `sum` come as floats. `count` comes as `counts`, `average` as sums with
 * counts. `counter` is the first and the last sample of each window, with counts and falls. All but `last` and `counter` have
 * the time of the window's end; native histograms are always the last ones.
 */
export type WindowValue = 'last' | 'min' | 'max' | 'sum' | 'count' | 'average' | 'counter';

/** Allows a store to answer from windows. Without it, samples alone count. */
export interface WindowHints {
  readonly value: WindowValue;
  /** Widest windows (ms) that may stand for samples which are still there. */
  readonly preferred: number;
  /** Widest windows (ms) that may stand for samples which are gone. */
  readonly coarsest: number;
}

/** What a select is for. `mint` and `maxt` are inclusive milliseconds; the rest lets a store read less. */
export interface SelectHints {
  readonly mint: number;
  readonly maxt: number;
  /** Stop after this many series, or label names or values where those are asked for (0 or absent: no limit). */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  readonly windows?: WindowHints;
  /**
   * Told of samples as they are read, each as often as it is stored: whoever has enough of them throws, and nothing more is read.
   * A store that has everything in memory need not tell.
   */
  readonly onSamples?: (count: number) => void;
}

/** What a querier can answer from windows. */
export interface Downsampling {
  /** Width of the finest windows, ms. */
  readonly finest: number;
  /** Samples before this time (ms) are gone. */
  readonly fullFrom: number;
}

/** Reads one tenant's data. Every method sees a sample exactly once, however often it was written. */
export interface Querier {
  /** Absent where samples are never summed up in windows. */
  readonly downsampling?: Downsampling;
  /** Series with at least one sample in [mint, maxt], sorted by labels. */
  select(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Series[]>;
  /** Label sets of the series that may have samples in [mint, maxt], sorted; reads no samples. */
  series(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly Labels[]>;
  /** Sorted label names of those series. */
  labelNames(hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]>;
  /** Sorted values of one label over those series. */
  labelValues(name: string, hints: SelectHints, ...matchers: readonly Matcher[]): Promise<readonly string[]>;
  /** Metadata of metric families, sorted by name; of one family where `metric` is given. */
  metadata(metric?: string): Promise<readonly MetricMetadata[]>;
}

/** A series of which a commit wrote nothing, because the store can never tell it from another. */
export interface RefusedSeries {
  readonly labels: Labels;
  readonly reason: 'id_collision';
  /** For a person. */
  readonly detail: string;
}

/** What a commit wrote, in the units that AWS bills. */
export interface CommitReport {
  readonly samples: number;
  readonly newSeries: number;
  readonly items: number;
  readonly bytes: number;
  /** DynamoDB write request units: one for each started KB of each item. */
  readonly writeUnits: number;
  /** Absent: everything was written. */
  readonly refused?: readonly RefusedSeries[];
}

/**
 * Collects samples of one tenant and retention class and writes them in one go. Samples may come in any order and any
 * number of times: what a query returns depends only on the set of (series, timestamp, value) written. Two values for
 * one (series, timestamp) are settled by `lib/storage/settle.ts` and `settle-histogram.ts`, whichever was written first.
 */
export interface Appender {
  append(labels: Labels, sample: Sample): void;
  /** As `append`; a stale marker is a histogram whose sum is one. */
  appendHistogram(labels: Labels, histogram: Histogram): void;
  appendMetadata(metadata: MetricMetadata): void;
  /**
   * Resolves when everything is durable but what the report names as refused; on rejection nothing may be assumed, and the same samples may be appended
   * again. An appender is used once.
   */
  commit(): Promise<CommitReport>;
}

/** A store to write to. Tenants are hard walls: everything reached from here is bound to the one given. */
export interface Appendable {
  appender(tenant: string, retentionClass: RetentionClass): Appender;
}

/** A store to read from, with the same walls. */
export interface Queryable {
  querier(tenant: string): Querier;
}

/** The whole store. Who only reads or only writes asks for less, and is then allowed less. */
export interface Storage extends Appendable, Queryable {}
