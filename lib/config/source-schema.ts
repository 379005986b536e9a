import { z } from 'zod';
import { DEFAULT_ANSWER_LIMITS, DEFAULT_PAGE_LIMITS } from '../context/tenant.ts';
import { closedMap, durationText } from '../rules/shapes.ts';
import { HIGH_AVAILABILITY_SCHEMA } from './high-availability-schema.ts';
import { identityShape } from './identity.ts';
import { labelName, nameText, positiveCount } from './name-shape.ts';
import { remoteAccessShape } from './remote-schema.ts';

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

const scope = closedMap({
  env: rankedLabels.describe('Where asserts_env comes from.').optional(),
  site: rankedLabels.describe('Where asserts_site comes from.').optional(),
}).optional();

const remoteWrite = closedMap({
  name: nameText,
  type: z.literal('remote_write').describe('Your Prometheus sends.'),
  tokens: z
    .array(z.string('must be the name of a token'), 'must be a list of names of tokens with the scope write')
    .min(1, 'is empty; name the token that this source writes with')
    .describe('Names of the tokens whose requests belong to this source.'),
  external_labels: z
    .record(labelName, z.string('must be a string; quote it'), 'must be a map of label names to values')
    .describe(
      'What the sending Prometheus has as external_labels. `tributary setup` prints them, `tributary doctor` tells which are missing.',
    )
    .optional(),
  ha: HIGH_AVAILABILITY_SCHEMA.describe(
    'Several Prometheus replicas write the same data, and one at a time is listened to. Default: off.',
  ).optional(),
  scope,
  identity: identityShape,
});

const federation = closedMap({
  name: nameText,
  type: z.literal('federation').describe('We read /federate of your servers.'),
  servers: z
    .array(z.string('must be a URL'), 'must be a list of URLs, for example [https://prometheus.example.com]')
    .min(1, 'is empty; give the URL of a server')
    .describe('Base URLs of the servers, without /federate.'),
  interval: durationText.describe('From one scrape of a server to the next. Default 1m.').optional(),
  timeout: durationText.describe('For one scrape of one server, all pages. Default 10s, at most 45s.').optional(),
  honor_labels: z
    .boolean('must be true or false')
    .describe('Whether series keep job and instance of their server. Default true.')
    .optional(),
  ...remoteAccessShape,
  limits: closedMap({
    max_body_bytes: positiveCount.describe(`Default ${DEFAULT_PAGE_LIMITS.maxBodyBytes}.`).optional(),
    max_samples: positiveCount.describe(`Default ${DEFAULT_PAGE_LIMITS.maxSamples}.`).optional(),
    max_labels_per_series: positiveCount.describe(`Default that of the tenant.`).optional(),
  })
    .describe('What one page of /federate may hold; larger ones are refused and counted.')
    .optional(),
  scope,
  identity: identityShape,
});

const query = closedMap({
  name: nameText,
  type: z
    .literal('query')
    .describe(
      'We ask your server for the results of rules; no raw series is stored. Needs a tenant without other types.',
    ),
  url: z
    .string('is missing; give the URL of the server, for example https://prometheus.example.com')
    .describe('Base URL of the server, without /api/v1.'),
  interval: durationText.describe('From one evaluation time to the next. Default 1m.').optional(),
  timeout: durationText.describe('For one question to the server. Default 10s, at most 30s.').optional(),
  delay: durationText
    .describe('How far evaluation times lie behind now, so that everything is scraped. Default 30s.')
    .optional(),
  max_catch_up: durationText
    .describe('How far back evaluations are made up for after an outage. Default 1h.')
    .optional(),
  ...remoteAccessShape,
  limits: closedMap({
    max_body_bytes: positiveCount.describe(`Default ${DEFAULT_ANSWER_LIMITS.maxBodyBytes}.`).optional(),
    max_samples: positiveCount.describe(`Default ${DEFAULT_ANSWER_LIMITS.maxSamples}.`).optional(),
    max_concurrency: positiveCount
      .describe(`Questions under way at a time. Default ${DEFAULT_ANSWER_LIMITS.maxConcurrency}.`)
      .optional(),
  })
    .describe('What one answer may hold; a larger one fails the rules that need it.')
    .optional(),
  scope,
  identity: identityShape,
});

/** One way in. */
export const sourceShape = z.discriminatedUnion('type', [remoteWrite, federation, query], {
  error: (issue) =>
    issue.code === 'invalid_union'
      ? 'must be remote_write, federation or query'
      : 'must be a map with the keys name and type',
});

export type WrittenSource = z.infer<typeof sourceShape>;
export type WrittenRemoteWriteSource = z.infer<typeof remoteWrite>;
export type WrittenFederationSource = z.infer<typeof federation>;
export type WrittenQuerySource = z.infer<typeof query>;
