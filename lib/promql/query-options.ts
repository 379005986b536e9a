/** Bounds and switches of an engine, with Prometheus's flags and defaults. */
export interface EngineOptions {
  /** `--query.lookback-delta`, ms; default 5 minutes. */
  readonly lookbackDelta: number;
  /** `--query.timeout`, ms; default 2 minutes. */
  readonly timeout: number;
  /** `--query.max-samples`: samples held in memory at once; default 50,000,000. */
  readonly maxSamples: number;
  /** Default step of subqueries, ms (Prometheus: the global evaluation interval, 1 minute). */
  readonly defaultSubqueryStep: number;
  /** `--enable-feature=promql-experimental-functions` and its kin. */
  readonly features: ReadonlySet<QueryFeature>;
  /** Current time in ms; only for timeouts. */
  readonly now: () => number;
}

/** Values of Prometheus's `--enable-feature` that concern PromQL. */
export const QUERY_FEATURES = [
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
  'promql-delayed-name-removal',
  'type-and-unit-labels',
  'use-start-timestamps',
] as const;

export type QueryFeature = (typeof QUERY_FEATURES)[number];

/** What one query may change. */
export interface QueryOptions {
  readonly lookbackDelta?: number;
  /** ms; the smaller of this and the engine's. */
  readonly timeout?: number;
  /** The smaller of this and the engine's. */
  readonly maxSamples?: number;
  /** Widest downsampled windows that may answer, ms; `auto` as steps and ranges allow. Default 0: samples alone. */
  readonly maxSourceResolution?: number | 'auto';
  readonly signal?: AbortSignal;
}
