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

/** One way in. Which source a request belongs to is decided by its token, never by what it carries. */
export interface Source {
  readonly name: string;
  readonly type: 'remote_write';
  /** Names of the tokens whose requests belong to this source. */
  readonly tokens: readonly string[];
  readonly scope: ScopeConfig;
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

/** Labels that commonly name an environment or a site, best first (OpenTelemetry, CloudWatch and Kubernetes spellings). */
export const DEFAULT_SCOPE: ScopeConfig = {
  env: { labels: ['asserts_env', 'deployment_environment_name', 'deployment_environment', 'environment', 'env'] },
  site: { labels: ['asserts_site', 'cluster', 'k8s_cluster_name', 'cloud_region', 'region'] },
};
