import { z } from 'zod';
import { parseDuration } from '../promql/duration.ts';
import { QUERY_FEATURES } from '../promql/query-options.ts';
import { closedMap, durationText } from '../rules/shapes.ts';
import type { QuerySettings } from './query-settings.ts';

/** The `query` section of tributary.yml. */
export const QUERY_SCHEMA = closedMap({
  features: z
    .array(z.enum(QUERY_FEATURES, `must be one of ${QUERY_FEATURES.join(', ')}`), 'must be a list of feature flags')
    .describe("Prometheus's feature flags of PromQL to switch on. Default none.")
    .optional(),
  lookback_delta: durationText.describe('How far back an instant selector looks. Default 5m.').optional(),
  max_samples: z
    .int('must be a whole number')
    .positive('must be more than 0')
    .describe('Samples that one query may hold in memory. Default 10000000.')
    .optional(),
  cors_origins: z
    .array(
      z.string().regex(/^(\*|https?:\/\/[^/\s]+)$/, 'must be an origin such as https://grafana.example.com, or *'),
      'must be a list of origins',
    )
    .describe('Origins whose web pages may read the API. Default none; Grafana needs none.')
    .optional(),
});

/** What the section says, defaults filled in. */
export function querySettings(written: z.infer<typeof QUERY_SCHEMA> = {}): QuerySettings {
  const lookbackDelta = written.lookback_delta === undefined ? undefined : parseDuration(written.lookback_delta);
  return {
    features: written.features ?? [],
    corsOrigins: written.cors_origins ?? [],
    ...(lookbackDelta === undefined ? {} : { lookbackDelta }),
    ...(written.max_samples === undefined ? {} : { maxSamples: written.max_samples }),
  };
}
