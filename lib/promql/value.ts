import type { Labels } from '../model/labels.ts';
import type { Falls } from '../storage/interface.ts';
import type { FloatHistogram } from './float-histogram.ts';

/**
 * The times at which an expression is evaluated: `start + i * step` for i in [0, length), in milliseconds. An instant
 * query is a grid of length 1. Every instant-vector and scalar value below is a column over the grid, so operators run
 * their inner loop over steps and touch labels once per series.
 */
export interface Grid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly length: number;
}

/** What stands at one step of a series. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** One series of an instant vector over the whole grid. */
export interface VectorSeries {
  readonly labels: Labels;
  /** The metric name is to be dropped, at the latest when the query ends (delayed name removal). */
  readonly dropName: boolean;
  /** ABSENT, FLOAT or HISTOGRAM for each step. */
  readonly kinds: Uint8Array;
  /** The value of each FLOAT step; undefined content elsewhere. */
  readonly floats: Float64Array;
  /** The value of each HISTOGRAM step; absent when the series has none. */
  readonly histograms?: (FloatHistogram | undefined)[];
  /** Times (ms) of the samples that a plain selector found; filled only where `timestamp()` will read it. */
  readonly sampleTimestamps?: Float64Array;
  /**
   * Start timestamps (ms, 0 where unset) of the samples that a plain selector found; filled only where
   * `start_timestamp()` will read it and `use-start-timestamps` is on.
   */
  readonly startTimestamps?: Float64Array;
}

/** Raw samples of one series, or what a store made of them, in time order, stale markers already removed. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly timestamps: Float64Array;
  readonly floats: Float64Array;
  /** Milliseconds, 0 where unset; absent when no sample has one. */
  readonly startTimestamps?: Float64Array;
  /** Samples that each float stands for, where some are sums of downsampled windows, or their first and last samples. */
  readonly counts?: Float64Array;
  /** What downsampled floats fell since the one before; NaN where the two tell it themselves. */
  readonly falls?: Falls;
  /** Histogram samples stand apart from the floats, with their own times. */
  readonly histogramTimestamps?: Float64Array;
  readonly histograms?: readonly FloatHistogram[];
  /** Milliseconds, 0 where unset, one for each histogram; absent when none has one. */
  readonly histogramStartTimestamps?: Float64Array;
}

export interface ScalarValue {
  readonly kind: 'scalar';
  readonly values: Float64Array;
}

export interface VectorValue {
  readonly kind: 'vector';
  readonly series: readonly VectorSeries[];
  /** The series stand in an order that an instant query keeps (`sort`, `sort_by_label`, `topk` …). */
  readonly ordered?: true;
}

/**
 * A range vector over the grid: at step i the window of every series is (ends[i] - range, ends[i]], left-open as in
 * Prometheus 3. `ends` already holds `offset` and `@`.
 */
export interface MatrixValue {
  readonly kind: 'matrix';
  readonly series: readonly RangeSeries[];
  readonly range: number;
  readonly ends: Float64Array;
  /** `anchored` and `smoothed` selectors look one sample beyond the window (experimental, Prometheus 3.7). */
  readonly extension?: 'anchored' | 'smoothed';
  /**
   * How far beyond the window an extended selector may look, ms: the query's lookback delta (5 minutes where absent).
   * Samples in (ends[i] - range - lookbackDelta, ends[i]] count for `anchored`, up to ends[i] + lookbackDelta for
   * `smoothed`; `series` may hold more than that.
   */
  readonly lookbackDelta?: number;
}

export interface StringValue {
  readonly kind: 'string';
  readonly value: string;
}

export type Value = ScalarValue | VectorValue | MatrixValue | StringValue;
