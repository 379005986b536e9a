import type { TokenScope } from './tenant.ts';

/** Who may use a route. */
export interface Access {
  /** Any of these is enough. */
  readonly scopes: readonly TokenScope[];
  /**
   * `tenant`: what it shows comes from all sources of the tenant, so a token that is bound to sources may not see it.
   * `sources`: it shows or takes what belongs to single sources; a bound token has its own ones.
   */
  readonly reach: 'tenant' | 'sources';
}

const WRITING: Access = { scopes: ['write'], reach: 'sources' };
const READING: Access = { scopes: ['read'], reach: 'tenant' };
const ASKING: Access = { scopes: ['read'], reach: 'sources' };
const WATCHING: Access = { scopes: ['read', 'admin'], reach: 'tenant' };
const WATCHING_SOURCES: Access = { scopes: ['read', 'admin'], reach: 'sources' };
const ADMINISTERING: Access = { scopes: ['admin'], reach: 'tenant' };

/** Every route and what its token needs; `everybody` needs none. The same table stands in docs/tokens.md. */
export const ACCESS = {
  '/api/v1/write': WRITING,
  '/api/v1/query': READING,
  '/api/v1/query_range': READING,
  '/api/v1/query_exemplars': READING,
  '/api/v1/explain': READING,
  '/api/v1/format_query': READING,
  '/api/v1/parse_query': READING,
  '/api/v1/series': READING,
  '/api/v1/labels': READING,
  '/api/v1/label/:name/values': READING,
  '/api/v1/metadata': READING,
  '/api/v1/rules': READING,
  '/api/v1/alerts': READING,
  '/federate': READING,
  '/api/v1/sources/:name/query': ASKING,
  '/api/v1/sources/:name/query_range': ASKING,
  '/api/v1/status/buildinfo': WATCHING,
  '/api/v1/status/cardinality': WATCHING,
  '/api/v1/status/compaction': WATCHING,
  '/api/v1/status/cost': WATCHING,
  '/api/v1/status/dead-letters': ADMINISTERING,
  '/api/v1/status/evaluation': WATCHING,
  '/api/v1/status/intake': WATCHING_SOURCES,
  '/api/v1/status/sources': WATCHING_SOURCES,
  '/api/v1/status/tokens': ADMINISTERING,
  '/api/v1/status/tsdb': READING,
  '/status': WATCHING,
  '/-/healthy': 'everybody',
  '/-/ready': 'everybody',
} as const satisfies Readonly<Record<string, Access | 'everybody'>>;

export type GuardedPath = {
  [P in keyof typeof ACCESS]: (typeof ACCESS)[P] extends Access ? P : never;
}[keyof typeof ACCESS];

/** What a route asks of a token; its path as the router spells it. */
export function accessOf(path: string): Access {
  const access = (ACCESS as Readonly<Record<string, Access | 'everybody'>>)[path];
  if (access === undefined || access === 'everybody') throw new Error(`BUG: ${path} has no row in the table of access`);
  return access;
}
