import type { Labels } from '../model/labels.ts';
import type { FloatHistogram } from './float-histogram.ts';

/** A sample of an instant vector; `timestamp` in ms. */
export interface ResultSample {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number | FloatHistogram;
}

/** One series of a matrix: float points and histogram points, each in time order. Timestamps in ms. */
export interface ResultSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histogramTimestamps: Float64Array;
  readonly histograms: readonly FloatHistogram[];
}

/** What a query evaluates to. Vectors are sorted by labels unless the expression orders them (`sort`, `topk` …). */
export type QueryData =
  | { readonly kind: 'scalar'; readonly timestamp: number; readonly value: number }
  | { readonly kind: 'string'; readonly timestamp: number; readonly value: string }
  | { readonly kind: 'vector'; readonly samples: readonly ResultSample[] }
  | { readonly kind: 'matrix'; readonly series: readonly ResultSeries[] };

/** Where a query's time went and how much it touched. */
export interface QueryStats {
  /** Samples that the selectors loaded or that windows passed over, as Prometheus's `totalQueryableSamples` counts. */
  readonly totalQueryableSamples: number;
  readonly peakSamples: number;
  /** Milliseconds in parsing, in the store, and in evaluation. */
  readonly parseMs: number;
  readonly storeMs: number;
  readonly evalMs: number;
}

export interface QueryResult {
  readonly data: QueryData;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}
