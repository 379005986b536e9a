import { z } from 'zod';
import { DEFAULT_INTAKE_LIMITS, TOKEN_SCOPES } from '../context/tenant.ts';
import { closedMap, durationText } from '../rules/shapes.ts';

const name = z
  .string('is missing; give it a name')
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must begin with a letter and hold only a-z, 0-9, _ and - (63 at most)');

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is not a label name');

const rankedLabels = closedMap({
  labels: z
    .array(labelName, 'must be a list of label names, best first')
    .describe('Labels of the raw series, best first: the first that a series has gives the value.')
    .optional(),
  default: z
    .string('must be a string')
    .min(1, 'is empty; leave it out where there is no default')
    .describe('The value for series that have none of the labels.')
    .optional(),
});

const token = closedMap({
  name,
  sha256: z
    .string('is missing; `tributary token create <name>` prints a token and this line')
    .describe(
      'SHA-256 of the token, 64 hex digits; or ${env:VAR}; or ${env:VAR, closed}, which leaves the token out where VAR is unset.',
    ),
  scopes: z
    .array(z.enum(TOKEN_SCOPES, `must be one of ${TOKEN_SCOPES.join(', ')}`), 'must be a list of write, read and admin')
    .min(1, 'is empty; a token without a scope can do nothing')
    .describe('What the token may be used for.'),
});

const source = closedMap({
  name,
  type: z.literal('remote_write', 'must be remote_write').describe('How the samples come in.'),
  tokens: z
    .array(z.string('must be the name of a token'), 'must be a list of names of tokens with the scope write')
    .min(1, 'is empty; name the token that this source writes with')
    .describe('Names of the tokens whose requests belong to this source.'),
  scope: closedMap({
    env: rankedLabels.describe('Where asserts_env comes from.').optional(),
    site: rankedLabels.describe('Where asserts_site comes from.').optional(),
  }).optional(),
});

const count = z.int('must be a whole number').positive('must be more than 0');

const limits = closedMap({
  max_labels_per_series: count.describe(`Default ${DEFAULT_INTAKE_LIMITS.maxLabelsPerSeries}.`).optional(),
  max_label_name_length: count.describe(`Default ${DEFAULT_INTAKE_LIMITS.maxLabelNameLength}.`).optional(),
  max_label_value_length: count.describe(`Default ${DEFAULT_INTAKE_LIMITS.maxLabelValueLength}.`).optional(),
  max_sample_age: durationText.describe('How far behind now a sample may be. Default 24h.').optional(),
  max_sample_ahead: durationText.describe('How far ahead of now a sample may be. Default 10m.').optional(),
});

const tenant = closedMap({
  name,
  tokens: z.array(token, 'must be a list of tokens').describe('Credentials of the tenant.'),
  sources: z.array(source, 'must be a list of sources').describe('The ways in.'),
  limits: limits.describe('What one request may hold.').optional(),
});

const days = z
  .int('must be a whole number of days')
  .min(1, 'must be at least 1 day')
  .max(3650, 'must be at most 3650 days');

/** The shape of tributary.yml. What its values must be to each other is checked by `loadConfig`. */
export const CONFIG_SCHEMA = closedMap({
  packs: z
    .array(z.string('must be the name of a pack'), 'must be a list of names of packs')
    .describe('Folders of rules/packs/ whose rules are used.'),
  rules: z
    .array(z.string('must be a path'), 'must be a list of folders')
    .describe('Folders with rule files of your own, relative to this file.')
    .optional(),
  retention: closedMap({
    normalised: days.describe('Days that normalised series are kept. Default 2.').optional(),
    derived: days.describe('Days that derived series are kept. Default 400.').optional(),
  }).optional(),
  tenants: z.array(tenant, 'must be a list of tenants').min(1, 'is empty; at least one tenant is needed'),
});

export type WrittenConfig = z.infer<typeof CONFIG_SCHEMA>;

/** The JSON Schema of tributary.yml, for editors. */
export function configJsonSchema(): object {
  return { title: 'tributary.yml', ...z.toJSONSchema(CONFIG_SCHEMA, { io: 'input' }) };
}
