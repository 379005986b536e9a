import type { RemoteAccess } from './remote-access.ts';

/** What a token may be used for. */
export const TOKEN_SCOPES = ['write', 'read', 'admin'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** A credential of a tenant. Only the SHA-256 of a token (256 random bits, so no slow hash is needed) is ever stored. */
export interface Token {
  readonly name: string;
  /** Lower-case hex of SHA-256 over the token's UTF-8 bytes. */
  readonly sha256: string;
  readonly scopes: readonly TokenScope[];
}

/** Where a label of the scope comes from: the first of `labels` that a series has, else `default`. */
export interface RankedLabels {
  readonly labels: readonly string[];
  readonly default?: string;
}

/** How a source's series get `asserts_env` (mandatory) and `asserts_site` (optional). */
export interface ScopeConfig {
  readonly env: RankedLabels;
  readonly site: RankedLabels;
}

/** One way in. */
export type Source = RemoteWriteSource | FederationSource;

/** Prometheus sends. Which source a request belongs to is decided by its token, never by what it carries. */
export interface RemoteWriteSource {
  readonly name: string;
  readonly type: 'remote_write';
  /** Names of the tokens whose requests belong to this source. */
  readonly tokens: readonly string[];
  readonly scope: ScopeConfig;
}

/** We read `/federate` of one or many servers. */
export interface FederationSource {
  readonly name: string;
  readonly type: 'federation';
  /** Base URLs without a slash at their end. */
  readonly servers: readonly string[];
  /** ms from one scrape of a server to the next. */
  readonly interval: number;
  /** ms for all pages of one scrape of one server. */
  readonly timeout: number;
  /** Whether series keep `job` and `instance` of their server; else these are the source's and theirs are renamed. */
  readonly honorLabels: boolean;
  readonly access: RemoteAccess;
  readonly limits: PageLimits;
  readonly scope: ScopeConfig;
}

/** Bounds of one page of `/federate`; a page that exceeds them is refused as a whole. */
export interface PageLimits {
  /** After decompression. */
  readonly maxBodyBytes: number;
  readonly maxSamples: number;
  readonly maxLabelsPerSeries: number;
}

/** Bounds of what one tenant's request may hold; what exceeds them is refused with 400 and its reason. */
export interface IntakeLimits {
  readonly maxLabelsPerSeries: number;
  readonly maxLabelNameLength: number;
  readonly maxLabelValueLength: number;
  /** How far behind now a sample may be, ms; older ones are refused as "too old". */
  readonly maxSampleAgeMs: number;
  /** How far ahead of now a sample may be, ms (Prometheus: 10 minutes). */
  readonly maxSampleAheadMs: number;
}

export interface Tenant {
  readonly name: string;
  readonly tokens: readonly Token[];
  readonly sources: readonly Source[];
  readonly limits: IntakeLimits;
}

export const DEFAULT_INTAKE_LIMITS: IntakeLimits = {
  maxLabelsPerSeries: 60,
  maxLabelNameLength: 512,
  maxLabelValueLength: 4096,
  maxSampleAgeMs: 24 * 3600_000,
  maxSampleAheadMs: 10 * 60_000,
};

/** As many pages of this size as are read at a time fit into the function's memory. */
export const DEFAULT_PAGE_LIMITS: PageLimits = {
  maxBodyBytes: 16 * 1024 * 1024,
  maxSamples: 100_000,
  maxLabelsPerSeries: DEFAULT_INTAKE_LIMITS.maxLabelsPerSeries,
};

/** Labels that commonly name an environment or a site, best first (OpenTelemetry, CloudWatch and Kubernetes spellings). */
export const DEFAULT_SCOPE: ScopeConfig = {
  env: { labels: ['asserts_env', 'deployment_environment_name', 'deployment_environment', 'environment', 'env'] },
  site: { labels: ['asserts_site', 'cluster', 'k8s_cluster_name', 'cloud_region', 'region'] },
};
