import { z } from 'zod';
import { DEFAULT_CARDINALITY_LIMITS, DEFAULT_INTAKE_LIMITS } from '../context/tenant.ts';
import { closedMap, durationText } from '../rules/shapes.ts';
import { EVALUATION_SCHEMA } from './evaluation-schema.ts';
import { nameText, positiveCount } from './name-shape.ts';
import { QUERY_SCHEMA } from './query-schema.ts';
import { RETENTION_SCHEMA } from './retention-schema.ts';
import { sourceShape } from './source-schema.ts';
import { tokenShape } from './token-schema.ts';

const limits = closedMap({
  samples_per_second: positiveCount
    .describe(
      'Samples that one instance of the receiver takes in a second, bursts of ten seconds apart; beyond it: 503 with Retry-After. Default: no limit.',
    )
    .optional(),
  max_labels_per_series: positiveCount.describe(`Default ${DEFAULT_INTAKE_LIMITS.maxLabelsPerSeries}.`).optional(),
  max_label_name_length: positiveCount.describe(`Default ${DEFAULT_INTAKE_LIMITS.maxLabelNameLength}.`).optional(),
  max_label_value_length: positiveCount.describe(`Default ${DEFAULT_INTAKE_LIMITS.maxLabelValueLength}.`).optional(),
  max_sample_age: durationText.describe('How far behind now a sample may be. Default 24h.').optional(),
  max_request_contexts_per_service: positiveCount
    .describe(
      `Values of asserts_request_context of one service; what comes later is __other__. Default ${DEFAULT_CARDINALITY_LIMITS.maxRequestContextsPerService}.`,
    )
    .optional(),
  max_members_per_metric: positiveCount
    .describe(
      `Raw series of one metric; what comes later is refused and counted. Default ${DEFAULT_CARDINALITY_LIMITS.maxMembersPerMetric}.`,
    )
    .optional(),
  max_query_samples: positiveCount
    .describe('Samples that one query of the tenant may hold. Default: query.max_samples.')
    .optional(),
  query_timeout: durationText.describe('For one query of the tenant. Default: that of the API, 25s.').optional(),
  max_query_range: durationText.describe('From the start of a range query to its end. Default: no limit.').optional(),
  max_concurrent_queries: positiveCount
    .describe('Queries of the tenant side by side in one instance of the API; beyond it: 503. Default: no limit.')
    .optional(),
  max_sample_ahead: durationText.describe('How far ahead of now a sample may be. Default 10m, at most 24h.').optional(),
});

const tenant = closedMap({
  name: nameText,
  tokens: z.array(tokenShape, 'must be a list of tokens').describe('Credentials of the tenant.'),
  sources: z.array(sourceShape, 'must be a list of sources').describe('The ways in.'),
  limits: limits.describe('What one request may hold, and what all of them together may add up to.').optional(),
  retention: RETENTION_SCHEMA.describe('How long its series are kept, where that differs from the others.').optional(),
});

/** The shape of tributary.yml. What its values must be to each other is checked by `loadConfig`. */
export const CONFIG_SCHEMA = closedMap({
  packs: z
    .array(z.string('must be the name of a pack'), 'must be a list of names of packs')
    .describe('Folders of rules/packs/ whose rules are used.'),
  rules: z
    .array(z.string('must be a path'), 'must be a list of folders')
    .describe('Folders with rule files of your own, relative to this file.')
    .optional(),
  retention: RETENTION_SCHEMA.describe('How long series are kept; a tenant may say otherwise.').optional(),
  query: QUERY_SCHEMA.describe('How queries are answered.').optional(),
  evaluation: EVALUATION_SCHEMA.describe('When derived rules and alerts are evaluated.').optional(),
  tenants: z.array(tenant, 'must be a list of tenants').min(1, 'is empty; at least one tenant is needed'),
});

export type WrittenConfig = z.infer<typeof CONFIG_SCHEMA>;

/** The JSON Schema of tributary.yml, for editors. */
export function configJsonSchema(): object {
  return { title: 'tributary.yml', ...z.toJSONSchema(CONFIG_SCHEMA, { io: 'input' }) };
}
