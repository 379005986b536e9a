import type { EngineOptions, QueryFeature } from '../promql/query-options.ts';

/** How queries are answered; what is absent is as the engine's defaults. Plain JSON. */
export interface QuerySettings {
  /** Feature flags of Prometheus that are switched on. */
  readonly features: readonly QueryFeature[];
  /** ms. */
  readonly lookbackDelta?: number;
  /** Samples that one query may hold. */
  readonly maxSamples?: number;
  /** Origins whose pages may read the API; none: no cross-origin reads. */
  readonly corsOrigins: readonly string[];
}

/** The settings as a PromQL engine takes them. */
export function engineOptions({ features, lookbackDelta, maxSamples }: QuerySettings): Partial<EngineOptions> {
  return {
    features: new Set(features),
    ...(lookbackDelta === undefined ? {} : { lookbackDelta }),
    ...(maxSamples === undefined ? {} : { maxSamples }),
  };
}

/** The settings as the HTTP API takes them. */
export function apiOptions(
  { corsOrigins, lookbackDelta }: QuerySettings,
  evaluation?: { readonly delay: number },
): {
  readonly cors?: { readonly origins: readonly string[] };
  readonly lookbackDelta?: number;
  readonly evaluationDelay?: number;
} {
  return {
    ...(evaluation === undefined ? {} : { evaluationDelay: evaluation.delay }),
    ...(corsOrigins.length === 0 ? {} : { cors: { origins: corsOrigins } }),
    ...(lookbackDelta === undefined ? {} : { lookbackDelta }),
  };
}
