import { createHash, timingSafeEqual } from 'node:crypto';
import type { RemoteWriteSource, Tenant, Token, TokenScope } from './tenant.ts';

/** Who a request comes from: decided by its credentials alone. */
export interface Identity {
  readonly tenant: Tenant;
  readonly token: Token;
}

/**
 * `unauthenticated` never says what was wrong with the credentials; `forbidden` is told to somebody who is known and says
 * which scope is missing.
 */
export type Authentication =
  | ({ readonly kind: 'authenticated' } & Identity)
  | { readonly kind: 'unauthenticated'; readonly reason: string }
  | ({ readonly kind: 'forbidden'; readonly reason: string } & Identity);

/** Value of `WWW-Authenticate` that goes with an answer of 401. */
export const AUTHENTICATE_CHALLENGE = 'Basic realm="tributary", charset="UTF-8", Bearer realm="tributary"';

/**
 * Decides who sent a request from its `Authorization` header: Basic with the tenant's name and a token, or Bearer with a
 * token. An unknown tenant, a wrong token and an expired one take the same path, the same time and the same answer: every
 * token of every tenant is compared, by digest. Credentials that were right are recognised next time, by a digest of their
 * own, for as long as the configuration lives.
 *
 * @param scopes of which the token needs one
 * @param now ms
 */
export function authenticate(
  tenants: readonly Tenant[],
  authorization: string | undefined,
  scopes: TokenScope | readonly TokenScope[],
  now: number = Date.now(),
): Authentication {
  const credentials = parseCredentials(authorization);
  if (credentials === undefined) {
    const reason = 'send a tenant and its token as Authorization: Basic, or a token as Authorization: Bearer';
    return { kind: 'unauthenticated', reason };
  }
  const identity = recallIdentity(tenants, credentials, now);
  if (identity === undefined) return { kind: 'unauthenticated', reason: 'unknown tenant or wrong token' };
  const wanted = typeof scopes === 'string' ? [scopes] : scopes;
  if (!wanted.some((scope) => identity.token.scopes.includes(scope))) {
    const missing = wanted.map((scope) => `"${scope}"`).join(' or ');
    const reason = `token ${identity.token.name} of tenant ${identity.tenant.name} has no scope ${missing}`;
    return { kind: 'forbidden', reason, ...identity };
  }
  return { kind: 'authenticated', ...identity };
}

/** @param now ms */
export function isExpired({ expires }: Token, now: number): boolean {
  return expires !== undefined && now >= expires;
}

/** A token that may write but that no source claims (or none it is bound to): whose series it sends could not be told. */
export class NoSourceError extends Error {
  override name = 'NoSourceError';
}

/**
 * The source that an identity's series belong to.
 * @throws NoSourceError when no source of the tenant names the token.
 */
export function sourceOf({ tenant, token }: Identity): RemoteWriteSource {
  const source = tenant.sources.find(
    (one): one is RemoteWriteSource =>
      one.type === 'remote_write' && one.tokens.includes(token.name) && mayReach(token, one.name),
  );
  if (source !== undefined) return source;
  throw new NoSourceError(
    `token ${token.name} of tenant ${tenant.name} belongs to no source: name it under tokens of a remote_write source`,
  );
}

/** Whether a token is bound to no source, or to this one. */
export function mayReach({ sources }: Token, source: string): boolean {
  return sources === undefined || sources.includes(source);
}

interface Credentials {
  /** Absent with Bearer: the token alone says whose it is. */
  readonly user?: string;
  readonly token: string;
}

/** Undefined where there is nothing to compare. */
function parseCredentials(authorization: string | undefined): Credentials | undefined {
  const [, scheme = '', value = ''] = /^\s*([A-Za-z]+) +(\S+)\s*$/.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return { token: value };
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), token: text.slice(colon + 1) };
}

/** More than senders have credentials; guesses are not among them. */
const MAX_RECALLED = 256;

/** Credentials that were right, by digest: no secret is kept, and looking one up takes a time that tells nothing of it. */
const recalled = new WeakMap<readonly Tenant[], Map<string, Identity>>();

/** What has expired is looked for like what was never there. */
function recallIdentity(tenants: readonly Tenant[], credentials: Credentials, now: number): Identity | undefined {
  const known = recalled.get(tenants) ?? new Map<string, Identity>();
  recalled.set(tenants, known);
  const key = digest(JSON.stringify([credentials.user ?? null, credentials.token])).toString('base64');
  const recalledIdentity = known.get(key);
  if (recalledIdentity !== undefined && !isExpired(recalledIdentity.token, now)) return recalledIdentity;
  const identity = findIdentity(tenants, credentials);
  if (identity === undefined || isExpired(identity.token, now)) return undefined;
  if (known.size >= MAX_RECALLED) known.clear();
  known.set(key, identity);
  return identity;
}

function findIdentity(tenants: readonly Tenant[], credentials: Credentials): Identity | undefined {
  const user = digest(credentials.user ?? '');
  const token = digest(credentials.token);
  let found: Identity | undefined;
  for (const known of identities(tenants)) {
    const isToken = timingSafeEqual(known.tokenDigest, token);
    const isUser = timingSafeEqual(known.userDigest, user);
    if (isToken && (isUser || credentials.user === undefined)) found ??= known.identity;
  }
  return found;
}

interface KnownIdentity {
  readonly identity: Identity;
  readonly userDigest: Buffer;
  readonly tokenDigest: Buffer;
}

/** Digests of a configuration, computed once for as long as it lives. */
const knownIdentities = new WeakMap<readonly Tenant[], readonly KnownIdentity[]>();

function identities(tenants: readonly Tenant[]): readonly KnownIdentity[] {
  const known = knownIdentities.get(tenants) ?? tenants.flatMap(digestTenant);
  knownIdentities.set(tenants, known);
  return known;
}

/** @throws Error when a token's hash is no SHA-256: it could never match, and nobody would know why. */
function digestTenant(tenant: Tenant): KnownIdentity[] {
  const userDigest = digest(tenant.name);
  return tenant.tokens.map((token) => {
    const tokenDigest = Buffer.from(token.sha256, 'hex');
    if (tokenDigest.length !== userDigest.length) {
      throw new Error(`cannot use token ${token.name} of tenant ${tenant.name}: its sha256 is not 64 hex digits`);
    }
    return { identity: { tenant, token }, userDigest, tokenDigest };
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
