import { DEFAULT_IDENTITY, type IdentityConfig } from './identity.ts';
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
  /** Names of the sources that it is bound to; absent: it reaches all that its scopes allow. */
  readonly sources?: readonly string[];
  /** From then on (ms) nobody can use it; absent: never. */
  readonly expires?: number;
}

/** Where a label of the scope comes from: the first of `labels` that a series has, else `default`. */
export interface RankedLabels {
  readonly labels: readonly string[];
  readonly default?: string;
}

/** How a source's series get `asserts_env` (mandatory) and `asserts_site` (optional), and their identity. */
export interface ScopeConfig {
  readonly env: RankedLabels;
  readonly site: RankedLabels;
  /** Absent: series are about what their own labels say, and nothing is looked for. */
  readonly identity?: IdentityConfig;
}

/** One way in. */
export type Source = RemoteWriteSource | FederationSource | QuerySource;

/** Prometheus sends. Which source a request belongs to is decided by its token, never by what it carries. */
export interface RemoteWriteSource {
  readonly name: string;
  readonly type: 'remote_write';
  /** Names of the tokens whose requests belong to this source. */
  readonly tokens: readonly string[];
  /** What the sender is expected to add to every series. */
  readonly externalLabels?: Readonly<Record<string, string>>;
  /** Where several replicas write the same data, and one at a time is listened to. */
  readonly ha?: HighAvailability;
  readonly scope: ScopeConfig;
}

/** How replicas that write the same data are told apart, and when another one takes the lead. */
export interface HighAvailability {
  /** Replicas with the same value of this label write the same data. */
  readonly clusterLabel: string;
  /** Tells the replicas of a cluster apart; taken off every series. */
  readonly replicaLabel: string;
  /** ms of sample time without a sample of the leader. */
  readonly failoverTimeout: number;
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

/** We ask a server for the results of rules; no raw series of it is stored. */
export interface QuerySource {
  readonly name: string;
  readonly type: 'query';
  /** Base URL without a slash at its end. */
  readonly url: string;
  /** ms from one evaluation time to the next; times are its multiples. */
  readonly interval: number;
  /** ms for one question. */
  readonly timeout: number;
  /** How far evaluation times lie behind now, ms, so that the server has scraped everything. */
  readonly delay: number;
  /** How far back evaluations are made up for after an outage, ms. */
  readonly maxCatchUp: number;
  readonly access: RemoteAccess;
  readonly limits: AnswerLimits;
  readonly scope: ScopeConfig;
}

/** Bounds of what a server of a query source may answer, and of how much of it we ask at a time. */
export interface AnswerLimits {
  /** Of one answer, after decompression. */
  readonly maxBodyBytes: number;
  /** Of one answer. */
  readonly maxSamples: number;
  /** Questions under way at a time. */
  readonly maxConcurrency: number;
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
  /** Samples that one instance of the receiver takes in a second; absent: as many as come. Beyond it: 503. */
  readonly maxSamplesPerSecond?: number;
}

export interface Tenant {
  readonly name: string;
  readonly tokens: readonly Token[];
  readonly sources: readonly Source[];
  readonly limits: IntakeLimits;
  /** Absent: the defaults. */
  readonly cardinality?: CardinalityLimits;
  /** Absent: those of the API alone. */
  readonly queryLimits?: QueryLimits;
}

/** What a tenant's queries may spend; what is absent is bounded by the API alone. */
export interface QueryLimits {
  /** Samples that one query may hold at once. */
  readonly maxSamples?: number;
  /** ms for one query. */
  readonly timeout?: number;
  /** ms from the start of a range query to its end. */
  readonly maxRange?: number;
  /** Queries side by side in one instance of the API. */
  readonly maxConcurrent?: number;
}

/** How much of what varies from request to request is told apart, and how much of it is taken at all. */
export interface CardinalityLimits {
  /** Values of `asserts_request_context` of one service; what comes later is `__other__`. */
  readonly maxRequestContextsPerService: number;
  /** Raw series of one metric; what comes later is refused. */
  readonly maxMembersPerMetric: number;
}

export const DEFAULT_CARDINALITY_LIMITS: CardinalityLimits = {
  maxRequestContextsPerService: 100,
  maxMembersPerMetric: 200_000,
};

export const DEFAULT_INTAKE_LIMITS: IntakeLimits = {
  maxLabelsPerSeries: 60,
  maxLabelNameLength: 512,
  maxLabelValueLength: 4096,
  maxSampleAgeMs: 24 * 3600_000,
  maxSampleAheadMs: 10 * 60_000,
};

/** As Prometheus, Thanos and Mimir name them. */
export const DEFAULT_HIGH_AVAILABILITY: HighAvailability = {
  clusterLabel: 'cluster',
  replicaLabel: '__replica__',
  failoverTimeout: 30_000,
};

/** As many pages of this size as are read at a time fit into the function's memory. */
export const DEFAULT_PAGE_LIMITS: PageLimits = {
  maxBodyBytes: 16 * 1024 * 1024,
  maxSamples: 100_000,
  maxLabelsPerSeries: DEFAULT_INTAKE_LIMITS.maxLabelsPerSeries,
};

/** What fits into the function's memory as often as questions are under way. */
export const DEFAULT_ANSWER_LIMITS: AnswerLimits = {
  maxBodyBytes: 16 * 1024 * 1024,
  maxSamples: 100_000,
  maxConcurrency: 4,
};

/** Labels that commonly name an environment or a site, best first (OpenTelemetry, CloudWatch and Kubernetes spellings). */
export const DEFAULT_SCOPE: ScopeConfig = {
  env: { labels: ['asserts_env', 'deployment_environment_name', 'deployment_environment', 'environment', 'env'] },
  site: { labels: ['asserts_site', 'cluster', 'k8s_cluster_name', 'cloud_region', 'region'] },
  identity: DEFAULT_IDENTITY,
};
