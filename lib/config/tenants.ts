import {
  type CardinalityLimits,
  DEFAULT_CARDINALITY_LIMITS,
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_SCOPE,
  type IntakeLimits,
  type QueryLimits,
  type RankedLabels,
  type ScopeConfig,
  type Source,
  type Tenant,
} from '../context/tenant.ts';
import { parseDuration } from '../promql/duration.ts';
import type { Mistake } from '../rules/mistake.ts';
import { mistakeAt, type YamlFile, type YamlPath } from '../rules/yaml-file.ts';
import { AHEAD_MS } from '../storage/retention-window.ts';
import type { WrittenConfig } from './config-schema.ts';
import { evaluationSettings } from './evaluation-schema.ts';
import { asFederationSource, federationProblems, federationWarnings } from './federation-source.ts';
import { asHighAvailability, highAvailabilityProblems } from './high-availability.ts';
import { asIdentity } from './identity.ts';
import { asQuerySource, mixedSourceProblems, querySourceProblems, querySourceWarnings } from './query-source.ts';
import type { Finding } from './remote-access.ts';
import type { WrittenSource } from './source-schema.ts';
import { asTokens, repeatedHashes, tokenProblems, tokenWarnings } from './tokens.ts';

type WrittenTenant = WrittenConfig['tenants'][number];

/**
 * Fills in a tenant's defaults and checks what its parts must be to each other: unique names, every token in one tenant
 * only, every writing token in exactly one source (the token decides which source a request belongs to). `now` (ms) tells
 * which tokens have expired.
 */
export function readTenants(
  yaml: YamlFile,
  { tenants, evaluation }: WrittenConfig,
  mistakes: Mistake[],
  warnings: Mistake[],
  now: number = Date.now(),
): Tenant[] {
  const check = (path: YamlPath, message: string) => mistakes.push(mistakeAt(yaml, path, message));
  for (const [path, message] of repeated(
    tenants.map(({ name }, i) => [['tenants', i, 'name'], name]),
    'tenant',
  ))
    check(path, message);
  for (const [path, message] of repeatedHashes(tenants)) check(path, message);
  return tenants.map((tenant, i) => {
    const path = ['tenants', i];
    for (const [at, message] of tenantProblems(tenant, path)) check(at, message);
    const unusable = tokenWarnings(tenant, path, now);
    const surprises = tenant.sources.flatMap((source, j) => {
      const at = [...path, 'sources', j];
      if (source.type === 'federation') return federationWarnings(source, at);
      return source.type === 'query' ? querySourceWarnings(source, at, evaluationSettings(evaluation)) : [];
    });
    warnings.push(...[...unusable, ...surprises].map(([at, message]) => mistakeAt(yaml, at, message)));
    const limits = asLimits(tenant.limits ?? {});
    return {
      name: tenant.name,
      tokens: asTokens(tenant.tokens),
      sources: tenant.sources.map((source) => asSource(source, limits)),
      limits,
      cardinality: asCardinality(tenant.limits ?? {}),
      ...asQueryLimits(tenant.limits ?? {}),
    };
  });
}

function tenantProblems(tenant: WrittenTenant, path: YamlPath): Finding[] {
  const { tokens, sources } = tenant;
  return [
    ...repeated(
      tokens.map(({ name }, i) => [[...path, 'tokens', i, 'name'], name]),
      'token',
    ),
    ...repeated(
      sources.map(({ name }, i) => [[...path, 'sources', i, 'name'], name]),
      'source',
    ),
    ...sources.flatMap((source, i) => sourceProblems(source, tokens, [...path, 'sources', i])),
    ...mixedSourceProblems(sources, [...path, 'sources']),
    ...repeated(
      sources.flatMap((source, i) =>
        tokensOf(source).map((name, j): Finding => [[...path, 'sources', i, 'tokens', j], name]),
      ),
      'writing token',
    ),
    ...tokenProblems(tenant, path),
    ...limitProblems(tenant, [...path, 'limits']),
  ];
}

/** What is let in must be what the store takes. */
function limitProblems({ limits = {} }: WrittenTenant, path: YamlPath): Finding[] {
  if (asLimits(limits).maxSampleAheadMs <= AHEAD_MS) return [];
  return [[[...path, 'max_sample_ahead'], `must be at most ${AHEAD_MS / 3600_000}h, the furthest that is ever read`]];
}

/** Only sources that are sent to have tokens. */
function tokensOf(source: WrittenSource): readonly string[] {
  return source.type === 'remote_write' ? source.tokens : [];
}

function sourceProblems(source: WrittenSource, tokens: WrittenTenant['tokens'], path: YamlPath): Finding[] {
  if (source.type === 'federation') return federationProblems(source, path);
  if (source.type === 'query') return querySourceProblems(source, path);
  const tokenProblems = source.tokens.flatMap((name, i): Finding[] => {
    const token = tokens.find((one) => one.name === name);
    const at = [...path, 'tokens', i];
    if (token === undefined) return [[at, `no token of this tenant is called ${name}; add it under tokens`]];
    return token.scopes.includes('write') ? [] : [[at, `token ${name} may not write; add write to its scopes`]];
  });
  return [...tokenProblems, ...highAvailabilityProblems(source, [...path, 'ha'])];
}

function repeated(names: readonly Finding[], what: string): Finding[] {
  return names.flatMap(([path, name], i): Finding[] => {
    const first = names.findIndex(([, other]) => other === name);
    return first === i ? [] : [[path, `${what} ${name} stands here twice; rename or remove one`]];
  });
}

function asSource(source: WrittenSource, limits: IntakeLimits): Source {
  const scope = { ...asScope(source.scope), identity: asIdentity(source.identity) };
  if (source.type === 'federation') return asFederationSource(source, scope, limits);
  if (source.type === 'query') return asQuerySource(source, scope);
  const { name, type, tokens, external_labels: externalLabels } = source;
  const ha = source.ha === undefined ? {} : { ha: asHighAvailability(source.ha) };
  return { name, type, tokens, ...(externalLabels !== undefined && { externalLabels }), ...ha, scope };
}

/** Every source has a scope object of its own, also where it only holds defaults. */
function asScope(written: WrittenSource['scope']): ScopeConfig {
  return { env: asRanked(written?.env, DEFAULT_SCOPE.env), site: asRanked(written?.site, DEFAULT_SCOPE.site) };
}

function asRanked(
  written: { labels?: string[] | undefined; default?: string | undefined } | undefined,
  fallback: RankedLabels,
): RankedLabels {
  const labels = [...(written?.labels ?? fallback.labels)];
  return { labels, ...(written?.default === undefined ? {} : { default: written.default }) };
}

function asCardinality(limits: NonNullable<WrittenTenant['limits']>): CardinalityLimits {
  const { maxRequestContextsPerService, maxMembersPerMetric } = DEFAULT_CARDINALITY_LIMITS;
  return {
    maxRequestContextsPerService: limits.max_request_contexts_per_service ?? maxRequestContextsPerService,
    maxMembersPerMetric: limits.max_members_per_metric ?? maxMembersPerMetric,
  };
}

/** Nothing where no limit is written. */
function asQueryLimits(limits: NonNullable<WrittenTenant['limits']>): { readonly queryLimits?: QueryLimits } {
  const duration = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text));
  const written = Object.entries({
    maxSamples: limits.max_query_samples,
    timeout: duration(limits.query_timeout),
    maxRange: duration(limits.max_query_range),
    maxConcurrent: limits.max_concurrent_queries,
  } satisfies { readonly [K in keyof QueryLimits]-?: number | undefined }).filter(([, limit]) => limit !== undefined);
  return written.length === 0 ? {} : { queryLimits: Object.fromEntries(written) as QueryLimits };
}

function asLimits(limits: NonNullable<WrittenTenant['limits']>): IntakeLimits {
  const duration = (text: string | undefined, fallback: number) =>
    text === undefined ? fallback : (parseDuration(text) ?? fallback);
  return {
    maxLabelsPerSeries: limits.max_labels_per_series ?? DEFAULT_INTAKE_LIMITS.maxLabelsPerSeries,
    maxLabelNameLength: limits.max_label_name_length ?? DEFAULT_INTAKE_LIMITS.maxLabelNameLength,
    maxLabelValueLength: limits.max_label_value_length ?? DEFAULT_INTAKE_LIMITS.maxLabelValueLength,
    maxSampleAgeMs: duration(limits.max_sample_age, DEFAULT_INTAKE_LIMITS.maxSampleAgeMs),
    maxSampleAheadMs: duration(limits.max_sample_ahead, DEFAULT_INTAKE_LIMITS.maxSampleAheadMs),
    ...(limits.samples_per_second === undefined ? {} : { maxSamplesPerSecond: limits.samples_per_second }),
  };
}
