import type { Access } from '../context/access.ts';
import { AUTHENTICATE_CHALLENGE, authenticate } from '../context/authenticate.ts';
import type { Tenant, Token } from '../context/tenant.ts';
import { ApiError } from './api-error.ts';
import type { ApiDependencies } from './dependencies.ts';

/** Headers of an answer with 401. */
export const CHALLENGE = { 'WWW-Authenticate': AUTHENTICATE_CHALLENGE } as const;

/** Who asks: a tenant, and the token that says so; no token where a local server answers everybody. */
export interface Sender {
  readonly tenant: Tenant;
  readonly token?: Token;
}

/**
 * The tenant whose data a request may read: the one its credentials belong to and no other, whatever else it carries.
 * Only where no credentials are sent at all may a local server's anonymous tenant answer.
 * @throws ApiError unauthorized or forbidden
 */
export function authorize(
  request: Request,
  { scopes, reach }: Access,
  { tenants, anonymousTenant, now }: ApiDependencies,
): Sender {
  const authorization = request.headers.get('authorization') ?? undefined;
  if (authorization === undefined && anonymousTenant !== undefined) {
    return { tenant: tenantNamed(tenants, anonymousTenant) };
  }
  const result = authenticate(tenants, authorization, scopes, now());
  if (result.kind !== 'authenticated') {
    throw new ApiError(result.kind === 'forbidden' ? 'forbidden' : 'unauthorized', result.reason);
  }
  const { tenant, token } = result;
  if (reach === 'tenant' && token.sources !== undefined) throw boundToken(token, 'this shows all sources');
  return { tenant, token };
}

/** Refuses a token that is bound to other sources than what it asks for. */
export function boundToken({ name, sources = [] }: Token, what: string): ApiError {
  return new ApiError('forbidden', `token ${name} is bound to ${sources.join(', ')}, and ${what}`);
}

/** @throws Error when the configuration has no such tenant */
export function tenantNamed(tenants: readonly Tenant[], name: string): Tenant {
  const tenant = tenants.find((known) => known.name === name);
  if (tenant !== undefined) return tenant;
  throw new Error(`cannot serve anonymous requests as tenant ${name}: configured are ${tenants.map((t) => t.name)}`);
}
